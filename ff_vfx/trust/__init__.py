"""Who allowed what, and what a picture says of itself: consent, label, provenance, audit."""
