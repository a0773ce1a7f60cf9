"""Whether a shot is fit to leave: measures, limits, waivers, checks, report."""
