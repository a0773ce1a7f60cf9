"""Frames on disk, in and out: EXR and other picture sequences, movies, mattes, finished layers. Read by the door."""

from ff_vfx.plate.exr_write import valid_output, write_frame
from ff_vfx.plate.matte import read_matte
from ff_vfx.plate.movie_write import write_movie, write_png
from ff_vfx.plate.sequence import open_plate, read_still
from ff_vfx.plate.sequence_path import SequencePath, output_path, parse_frames, sequence_path

__all__ = [
    "SequencePath",
    "open_plate",
    "output_path",
    "parse_frames",
    "read_matte",
    "read_still",
    "sequence_path",
    "valid_output",
    "write_frame",
    "write_movie",
    "write_png",
]
