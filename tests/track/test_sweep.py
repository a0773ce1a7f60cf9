"""Everything that could be a face: what counts, by whose word, and what nobody could look at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from ff_vfx.errors import FrameBroken, ModelError
from ff_vfx.track import sweep as room
from ff_vfx.track.finders import EmbeddedFinder, Found
from ff_vfx.track.sweep import finders_of, sweep_frame, sweep_plate
from tests.track.shots import MemoryPlate, frame_of

GREY = np.full((200, 200, 3), 0.2, np.float32)


class SaysOne:
    """A finder that sees one face in the middle of whatever it is shown whole, so sure."""

    side_px, smallest_tile, coarse, turns, gives_points = 64, 1000.0, 1, (), False

    def __init__(self, score: float) -> None:
        self.score = score

    def find(self, picture: torch.Tensor, least: float) -> list[Found]:
        return [Found(np.array([0.5, 0.5]), 0.3, 0.0, self.score)] if self.score >= least else []


@pytest.fixture
def engines(monkeypatch):
    """Made-up networks: the second finder sees nobody, and the mesh's word is as told."""

    def made(score: float, mesh: float) -> Any:
        monkeypatch.setattr(room, "finders_of", lambda _: [SaysOne(score), SaysOne(0.0)])
        monkeypatch.setattr(room, "_looked_at", lambda frame, engines, box: (box, mesh))
        return SimpleNamespace()

    return made


@pytest.mark.parametrize(
    ("score", "mesh", "strong"), [(0.9, 0.0, True), (0.6, 0.0, True), (0.4, 0.9, True), (0.4, 0.1, False)]
)
def test_a_box_counts_on_one_networks_word(engines, score, mesh, strong):
    (one,) = sweep_frame(frame_of(GREY), engines(score, mesh), 0.6)
    assert (one.x, one.y, one.side, one.strong) == (100.0, 100.0, 60.0, strong)


def test_a_box_beside_a_face_is_that_face(monkeypatch):
    """The mesh network, led there by the box, says where the face is."""
    points = np.zeros((468, 3))
    points[:, :2] = np.random.default_rng(0).uniform(-20.0, 20.0, (468, 2)) + (60.0, 70.0)
    points[33, :2], points[263, :2] = (50.0, 70.0), (70.0, 70.0)
    monkeypatch.setattr(room, "mesh_once", lambda *given: (points, 0.9))
    monkeypatch.setattr(room, "finders_of", lambda _: [SaysOne(0.4)])
    nobody: Any = SimpleNamespace()
    (one,) = sweep_frame(frame_of(GREY), nobody, 0.6)
    assert abs(one.x - 60.0) < 1.0 and abs(one.y - 70.0) < 1.0 and abs(one.side - 36.0) < 1.0 and one.strong


def test_far_below_nothing_is_seen(engines):
    assert sweep_frame(frame_of(GREY), engines(0.3, 1.0), 0.6) == []


def test_a_lying_head_must_be_surer_for_heads_rarely_lie(engines, monkeypatch):
    monkeypatch.setattr(room, "_PASSES", (room.Pass(turn=np.pi),))
    assert not sweep_frame(frame_of(GREY), engines(0.7, 0.0), 0.6)[0].strong
    assert sweep_frame(frame_of(GREY), engines(0.97, 0.0), 0.6)[0].strong
    assert sweep_frame(frame_of(GREY), engines(0.7, 0.5), 0.6)[0].strong


def test_a_frame_nobody_could_look_at_is_a_fault_and_the_others_go_on(engines, monkeypatch):
    plate = MemoryPlate({1: lambda: GREY, 2: FrameBroken("frame 2: truncated"), 3: lambda: GREY}, (200, 200))
    heard: list[tuple[int, int]] = []
    found = sweep_plate(plate, engines(0.9, 0.0), 0.6, lambda done, total: heard.append((done, total)))
    assert sorted(found.sightings) == [1, 3] and found.faults == {2: "frame 2: truncated"} and heard[-1] == (3, 3)

    def fails(frame, engines, box):
        raise ModelError("model mesh: gave up")

    monkeypatch.setattr(room, "_looked_at", fails)
    nobody: Any = SimpleNamespace()
    found = sweep_plate(plate, nobody, 0.6)
    assert found.sightings == {} and found.faults[1] == "model mesh: gave up"


def test_the_embedded_finder_looks_too_where_another_was_chosen():
    chosen: Any = SaysOne(0.9)
    two: Any = SimpleNamespace(finder=chosen, detector=SimpleNamespace())
    one: Any = SimpleNamespace(finder=None, detector=SimpleNamespace())
    assert finders_of(two)[0] is chosen and isinstance(finders_of(two)[1], EmbeddedFinder)
    assert len(finders_of(one)) == 1


def test_numbers_are_as_the_file_keeps_them(engines):
    (one,) = sweep_frame(frame_of(GREY[:, :173]), engines(0.87654321, 0.123456), 0.6)
    numbers = (one.x, one.y, one.side, one.angle, one.score, one.mesh)
    assert numbers == tuple(round(value, 4) for value in numbers) and (one.score, one.mesh) == (0.8765, 0.1235)
