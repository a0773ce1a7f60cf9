"""What a finished thing is, and whether it is still what it was."""
