"""Plain tensor operations on pictures: sampling, blurs, mesh rasters. Pure functions; they know nothing of faces."""
