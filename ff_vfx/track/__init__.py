"""Find the faces through the shot, once, and keep what was found in a file that an artist can edit."""

from ff_vfx.track.detect import detect_faces, detect_still
from ff_vfx.track.networks import Detectors, open_detectors, person_matte

__all__ = ["Detectors", "detect_faces", "detect_still", "open_detectors", "person_matte"]
