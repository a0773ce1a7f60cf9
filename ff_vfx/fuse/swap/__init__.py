"""The new face from a one-shot swapper network."""
