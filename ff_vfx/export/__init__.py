"""The track as text that a compositing host pastes or loads: trackers, corner pins, roto shapes. Read by the door.

Nothing here touches pixels or a disk, and no host is needed.
"""

from ff_vfx.export.known import Known, known_track
from ff_vfx.export.request import Request
from ff_vfx.export.writers import FORMATS, export_text

__all__ = ["FORMATS", "Known", "Request", "export_text", "known_track"]
