"""What people and farms run. Everything here uses the door alone, with plain data."""
