"""Tests of jumps of a track that no motion of the plate explains."""

import numpy as np
import pytest
import torch

from ff_vfx.qc.look import view_of
from ff_vfx.qc.measures.track import Marks, track_jump
from tests.qc.made import FACE, SPEED, look_at, true_flows


def jump(offset, seen=1.0):
    views = [view_of(look_at(n), FACE + 32) for n in (1001, 1002)]
    points = np.array([[70.0, 70.0], [90.0, 75.0], [80.0, 95.0]])
    before, here = Marks(points, 40.0), Marks(points + (SPEED, 0.0) + np.array(offset), 40.0)
    _, back = true_flows(views[0].plate_light, views[1].plate_light)
    trust = torch.full((1, FACE + 32, FACE + 32), seen)
    return track_jump(here, before, (views[1], views[0]), back, trust)


def test_landmarks_that_go_with_the_plate_do_not_jump():
    assert jump((0.0, 0.0)) == pytest.approx(0.0, abs=1e-6)


def test_landmarks_that_something_hides_are_not_judged():
    assert np.isnan(jump((3.0, 4.0), seen=0.0))


def test_landmarks_that_go_elsewhere_jump_by_as_much():
    assert jump((3.0, 4.0)) == pytest.approx(5.0 / 40.0, abs=1e-6)
