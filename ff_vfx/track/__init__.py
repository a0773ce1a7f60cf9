"""Find the faces through the shot, once, and keep what was found in a file that an artist can edit."""

from ff_vfx.track.detect import detect_faces, detect_still
from ff_vfx.track.keyframes import merge_keyframes, unused_keyframes
from ff_vfx.track.networks import Detectors, open_detectors, person_matte
from ff_vfx.track.solve_file import load_solve, save_solve
from ff_vfx.track.first_pass import track_plate

__all__ = [
    "Detectors",
    "detect_faces",
    "detect_still",
    "load_solve",
    "merge_keyframes",
    "open_detectors",
    "person_matte",
    "save_solve",
    "track_plate",
    "unused_keyframes",
]
