"""What hosts ask of the door: a session kept open, its pictures in shared memory, its controls."""
