"""Make the new face in a canonical crop: the performer's stills on the plate's pose, or a network's answer."""
