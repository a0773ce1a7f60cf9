"""Lay the new face over the plate: mattes, light, colour, grain, blend."""
