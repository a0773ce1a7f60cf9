"""ff-vfx: puts one performer's face over another's in a film shot, scene-linear, layer by layer.

Read ff_vfx.door to call it, ff_vfx.shot to understand it. Importing this package loads neither torch nor numpy.
"""

__version__ = "0.1.0"
