"""The facts of a finished sequence, for the publish checks, and what can be mended in it."""
