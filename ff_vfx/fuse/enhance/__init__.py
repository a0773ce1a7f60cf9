"""A network that restores or enlarges the new face."""
