"""Every error an artist or a pipeline can act on; each message says where, what, and how to fix it.

Read by everyone: the core raises these, the door turns one frame's error into one entry of the Report.
"""


class FfVfxError(Exception):
    """Base of every error this package raises on purpose."""


class BadInput(FfVfxError):
    """A setting, a path or a range that cannot work, whatever the pictures hold."""


class PlateError(FfVfxError):
    """A frame or sequence on disk cannot be read as it should."""


class FrameMissing(PlateError):
    """The sequence has a hole at this frame number."""


class FrameBroken(PlateError):
    """The file is there but truncated, empty, of the wrong size, or holds no finite pixel."""


class HostileFile(PlateError):
    """The header claims more than any honest picture holds; it was not read further."""


class WriteRefused(FfVfxError):
    """Writing here would overwrite a plate, leave the output folder, or the disk says no."""


class UnknownColourSpace(FfVfxError):
    """No colour space was named, or the config does not know it."""


class FaceNotFound(FfVfxError):
    """No face, or not the wanted one, where one is needed."""


class SolveMismatch(FfVfxError):
    """The solve was made for another plate, or by a version this one cannot read."""


class ModelError(FfVfxError):
    """A model is absent, its hash or manifest is wrong, or its runtime cannot load it."""


class TrackLost(FaceNotFound):
    """The track has no face at this frame, and the gap is too long to hold over."""


class TrustError(FfVfxError):
    """A consent record, a key, a manifest or a log is absent, unsigned, altered, or not for this."""
