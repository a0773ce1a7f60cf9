"""The new face from stills on a dense mesh, with no weights."""
