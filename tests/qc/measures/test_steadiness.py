"""Tests of the measures between frames: what the plate does itself is never the face's fault."""

import torch

from ff_vfx.qc.look import Look, view_of
from ff_vfx.qc.measures.along import rms, step_between, tone
from ff_vfx.qc.measures.steadiness import apart, slip, warp_ratio
from tests.qc.made import FACE, brighter, look_at, skin, true_flows


def step(first, second, flows=true_flows):
    views = [view_of(look, FACE + 32) for look in (first, second)]
    _, back = flows(views[0].plate_light, views[1].plate_light)
    return step_between(views[1], views[0], back)


def test_a_face_that_moves_with_its_plate_has_not_changed():
    found = step(look_at(1001), look_at(1002))
    assert found.judged > 0.8
    assert float(tone(found).abs().max()) < 0.002
    assert 0.9 < warp_ratio(found) < 1.1


def test_light_that_plate_and_face_share_is_no_change():
    found = step(look_at(1001), look_at(1002, light=1.5))
    assert float(tone(found).abs().max()) < 0.01


def test_a_change_of_the_face_alone_is_measured_in_stops():
    found = step(look_at(1001), look_at(1002, brighter({1002: 0.1})))
    assert torch.allclose(tone(found), torch.full((3,), 0.1), atol=0.01)


def test_a_face_that_stays_while_the_plate_moves_is_restless_along_the_plates_motion():
    still = look_at(1001)
    found = step(still, look_at(1002, lambda n, new: still.made))
    assert warp_ratio(found) > 1.3


def test_where_the_flow_does_not_come_back_nothing_is_judged():
    def lost(first, second):
        on, back = true_flows(first, second)
        return (on[0], on[1] + 5.0), (back[0], back[1] + 5.0)

    found = step(look_at(1001), look_at(1002, brighter({1002: 1.0})), lost)
    assert found.judged < 1e-6
    assert bool(tone(found).isnan().all())


def test_a_cut_in_the_plate_is_not_judged():
    other = look_at(1002)
    scene = 0.3 * skin(77).div(0.3).pow(40.0)
    cut = Look(1002, other.window, scene, scene, other.face)
    assert step(look_at(1001), cut).judged < 0.3


def test_slip_is_the_difference_of_two_motions():
    found = step(look_at(1001), look_at(1002))
    side = found.trust.shape[-1]
    quiet = torch.zeros(1, side, side)
    plates = torch.full((2, side, side), -2.0)
    ours = plates.clone()
    ours[0] += 0.7
    assert torch.allclose(slip((ours, quiet), (plates, quiet), found), torch.tensor([0.7, 0.0]), atol=1e-5)


def test_apart_keeps_the_smaller_of_what_agrees():
    one, other = torch.tensor([0.3, -0.2, 0.4, 0.0]), torch.tensor([0.1, -0.5, -0.4, 1.0])
    assert torch.allclose(apart(one, other), torch.tensor([0.1, -0.2, 0.0, 0.0]))


def test_rms_is_over_trusted_pixels_alone():
    change = torch.tensor([[[3.0, 100.0]]])
    assert rms(change, torch.tensor([[[1.0, 0.0]]])) == 3.0


def test_inputs_are_left_as_they_were():
    looks = look_at(1001), look_at(1002)
    views = [view_of(look, FACE) for look in looks]
    versions = [view.made._version for view in views]
    _, back = true_flows(views[0].plate_light, views[1].plate_light)
    step_between(views[1], views[0], back)
    assert [view.made._version for view in views] == versions
