"""Find the faces through the shot, once, and keep what was found in a file that an artist can edit."""

from ff_vfx.track.choose import choose_track
from ff_vfx.track.detect import detect_faces, detect_still
from ff_vfx.track.first_pass import settings_key, track_plate
from ff_vfx.track.keyframes import merge_keyframes, unused_keyframes
from ff_vfx.track.networks import Detectors, open_detectors, person_matte
from ff_vfx.track.picture import overlay, track_sheet
from ff_vfx.track.solve_file import load_solve, save_solve

__all__ = [
    "Detectors",
    "choose_track",
    "detect_faces",
    "detect_still",
    "load_solve",
    "merge_keyframes",
    "open_detectors",
    "overlay",
    "person_matte",
    "save_solve",
    "settings_key",
    "track_plate",
    "track_sheet",
    "unused_keyframes",
]
