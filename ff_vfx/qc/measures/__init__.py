"""What can be measured of a finished shot: pure functions of tensors in the face's region, one question a module."""
