"""Several people in one picture: the nearer over the farther, and where one is alone his own bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ff_vfx.composite.planes import DATA_PLANES
from ff_vfx.composite.together import together
from ff_vfx.image.st_map import own_place
from ff_vfx.types.frame import Frame
from ff_vfx.types.layers import CryptoIds, Layers
from ff_vfx.types.window import Window

DISPLAY = Window(0, 0, 12, 8)


def plate() -> Frame:
    pixels = torch.rand(3, 8, 12, generator=torch.Generator().manual_seed(1)) * 4.0 - 0.5
    pixels[0, 0, 0], pixels[1, 2, 6], pixels[2, 7, 11] = float("nan"), float("inf"), -0.0
    return Frame(pixels, 1001, "ACEScg", DISPLAY, DISPLAY)


def person(
    frame: Frame, window: Window, colour: float, coverage: torch.Tensor | float, name: str, moved_px: float = 0.0
) -> Layers:
    """Somebody of one colour, laid over the plate by his coverage; the plate under him comes from the right."""
    shape = (1, window.height, window.width)
    covered = torch.as_tensor(coverage).expand(shape).clone()
    rows, columns = window.slices(frame.data_window)
    under = frame.pixels[:3, rows, columns]
    fused = torch.where(covered > 0.0, under * (1.0 - covered) + colour * covered, under)
    u, v = (torch.from_numpy(plane.copy()) for plane in own_place(window, DISPLAY))
    planes = {f"ffFace.{c}": covered[0] * colour for c in "RGB"} | {"ffFace.A": covered[0], "ffMatte.red": covered[0]}
    planes |= {"ffRaw.R": covered[0] * colour, "ffRaw.A": covered[0], "ffSt.u": u + moved_px / 12, "ffSt.v": v}
    planes |= {"forward.u": covered[0] * colour, "forward.v": covered[0] * 0.0, "ffAux.forward": covered[0]}
    ids = CryptoIds("ffPeople", {name: covered[0]}), CryptoIds("ffParts", {"skin": covered[0]})
    told = {"confidence": colour}
    return Layers(frame, window, fused, covered, planes, DATA_PLANES, ids, {"ffvfx/votes": colour}, told)


def passed(frame: Frame, reason: str) -> Layers:
    return Layers(frame, Window(0, 0, 0, 0), torch.zeros(3, 0, 0), torch.zeros(1, 0, 0), decisions={"passed": reason})


def test_one_person_is_given_back_as_he_is():
    layers = person(plate(), Window(1, 1, 5, 5), 2.0, 1.0, "a")
    assert together([layers]) is layers


def test_where_nobody_is_the_plates_bits_are_kept_and_where_one_is_alone_his_own():
    frame = plate()
    left, right = person(frame, Window(1, 1, 5, 5), 2.0, 0.7, "a"), person(frame, Window(7, 2, 11, 7), 3.0, 0.6, "b")
    both = together([left, right])
    assert both.window == Window(1, 1, 11, 7)
    gap = both.fused[:, :, 4:6].numpy()
    assert gap.tobytes() == frame.pixels[:, 1:7, 5:7].numpy().tobytes()
    assert torch.equal(both.fused[:, 0:4, 0:4], left.fused) and torch.equal(both.fused[:, 1:6, 6:10], right.fused)
    assert both.attributes["ffvfx/votes"] == 2.0, "the least sure of them"
    assert both.decisions["people"] == [{"confidence": 2.0}, {"confidence": 3.0}]


def test_the_nearer_lies_over_the_farther_and_the_face_layer_over_the_plate_is_the_picture():
    frame, window = plate(), Window(7, 3, 11, 7)
    near = person(frame, Window(8, 3, 11, 7), 3.0, 0.75, "near")
    both = together([person(frame, window, 2.0, 1.0, "far"), near])
    shared = both.fused[:, :, 1:]
    assert torch.allclose(shared, torch.full_like(shared, 0.25 * 2.0 + 0.75 * 3.0), atol=1e-6)
    assert torch.allclose(both.coverage[0, :, 1:], torch.ones(4, 3))
    face = torch.stack([both.planes[f"ffFace.{c}"] for c in "RGB"])
    under = frame.pixels[:, 3:7, 7:11]
    whole = face + under * (1.0 - both.planes["ffFace.A"])
    assert torch.allclose(whole[:, :3], both.fused[:, :3], atol=1e-6)
    people = both.cryptomattes[0].coverage
    assert torch.allclose(people["far"][:, 1:], torch.full((4, 3), 0.25)) and people["near"].max() == 0.75


def test_data_planes_are_taken_from_whoever_is_seen_and_stay_in_place_around():
    frame = plate()
    far = person(frame, Window(0, 0, 6, 8), 2.0, 1.0, "far", 0.5)
    near = person(frame, Window(4, 0, 8, 4), 3.0, 0.5, "near", -0.25)
    both = together([far, near])
    assert torch.equal(both.planes["forward.u"][:4, 4:8], near.planes["forward.u"])
    assert torch.equal(both.planes["forward.u"][:, :4], far.planes["forward.u"][:, :4])
    u, v = own_place(both.window, DISPLAY)
    assert np.array_equal(both.planes["ffSt.u"][4:, 6:].numpy(), u[4:, 6:]), "nobody: its own place"
    assert np.array_equal(both.planes["ffSt.v"].numpy(), v)


def test_around_the_nearer_face_the_farther_is_seen_bent_along_with_the_plate():
    frame = plate()
    far = person(frame, Window(0, 0, 12, 8), 2.0, torch.tensor([[[1.0] * 6 + [0.0] * 6] * 8]), "far")
    near = person(frame, Window(4, 0, 12, 8), 3.0, 1.0, "near", 2.0)
    planes = {**near.planes, "ffRaw.A": torch.zeros(8, 8)}  # nothing of it is face: all of it is bent plate
    both = together([far, replace(near, planes=planes)])
    assert torch.allclose(both.fused[:, :, 2:4], torch.full((3, 8, 2), 2.0)), "the farther, where the nearer is not"
    assert torch.allclose(both.fused[:, :, 4:], near.fused, equal_nan=True), (
        "two px to the right there is nobody behind"
    )
    unbent = together([far, replace(near, planes={**planes, "ffSt.u": planes["ffSt.u"] - 2.0 / 12})])
    assert (unbent.fused[:, :, 4:6] - near.fused[:, :, :2]).abs().nan_to_num().max() > 0.1, "else he is seen there"
    assert torch.allclose(both.cryptomattes[0].coverage["near"][:, 4:], torch.ones(8, 8))


def test_a_face_that_shows_nothing_still_hides_who_is_behind_it():
    frame = plate()
    far, near = person(frame, Window(0, 0, 8, 8), 2.0, 1.0, "far"), person(frame, Window(4, 2, 8, 6), 3.0, 0.0, "near")
    both = together([far, replace(near, planes={**near.planes, "ffRaw.A": torch.ones(4, 4)})])
    assert torch.equal(both.fused[:, 2:6, 4:8].nan_to_num(), frame.pixels[:, 2:6, 4:8].nan_to_num())
    assert both.coverage[0, 2:6, 4:8].max() == 0.0 and both.coverage[0, :, :4].min() == 1.0


def test_who_is_not_there_changes_nothing_and_is_told():
    frame = plate()
    there = person(frame, Window(1, 1, 5, 5), 2.0, 0.7, "a")
    both = together([passed(frame, "face1: lost"), there])
    assert torch.equal(both.fused, there.fused) and torch.equal(both.coverage, there.coverage)
    assert both.decisions["people"] == [{"passed": "face1: lost"}, {"confidence": 2.0}]
    assert "passed" not in both.decisions
    nobody = together([passed(frame, "face0: lost"), passed(frame, "face1: lost")])
    assert nobody.window.empty and nobody.decisions["passed"] == "face0: lost; face1: lost"


def test_no_argument_is_written_into():
    frame = plate()
    people = [person(frame, Window(1, 1, 5, 5), 2.0, 0.7, "a"), person(frame, Window(3, 2, 9, 7), 3.0, 0.6, "b")]
    before = [[t._version for t in (layers.fused, layers.coverage, *layers.planes.values())] for layers in people]
    together(people)
    after = [[t._version for t in (layers.fused, layers.coverage, *layers.planes.values())] for layers in people]
    assert before == after and frame.pixels._version == plate().pixels._version
