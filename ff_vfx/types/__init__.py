"""The nouns of ff-vfx, one a file. Read by every floor; they import nothing above them.

Import from the noun's own module: `job`, `report` and `settings` load neither torch nor numpy, and the door needs that.
"""
