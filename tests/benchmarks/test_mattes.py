"""benchmarks/mattes: what it measures by, what it plants, and that its small network is in the known layouts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.truth.matte_measures import flicker, mean_over, on_plate, overlap, unrest
from benchmarks.truth.planted import PLANTED, laid_over
from benchmarks.truth.small_parser import CLASSES, EYES, MOUTH, NECK, SKIN, SmallParser, classes_of, write_models
from ff_vfx.composite.occluder import open_occluder
from ff_vfx.composite.parsing import open_parser
from ff_vfx.engine import open_model
from tests.composite.by_colour import grey
from tests.composite.test_parsing import S, crop_with
from tests.synthetic import SPACE, posed_face

FACE = posed_face(centre=(80.0, 74.0), scale=44.0).landmarks
ONE = torch.ones(1, 32, 32)


def square(x: int) -> torch.Tensor:
    made = torch.zeros(1, 32, 32)
    made[:, 8:16, x : x + 8] = 1.0
    return made


def test_overlap_is_one_for_the_truth_and_a_third_for_a_half_shifted_square():
    assert overlap([square(8)], [square(8)], [ONE]) == 1.0
    assert overlap([square(12)], [square(8)], [ONE]) == pytest.approx(1.0 / 3.0)
    assert np.isnan(overlap([square(8)], [square(8)], [torch.zeros_like(ONE)]))


def test_a_matte_that_moves_with_the_plate_does_not_flicker_and_one_that_stands_does():
    flow = np.zeros((32, 32, 2), np.float32)
    flow[..., 0] = 4.0
    assert flicker([square(8), square(12)], [flow], [ONE]) < 1e-6
    assert flicker([square(8), square(8)], [flow], [ONE]) > 0.1


def test_an_error_that_stays_is_no_unrest_and_one_that_comes_and_goes_is():
    truth = [square(8), square(8)]
    assert unrest([square(12), square(12)], truth, [ONE, ONE]) == 0.0
    assert unrest([square(12), square(8)], truth, [ONE, ONE]) > 0.1
    assert mean_over([square(8)], [square(8)]) == 1.0


def test_planes_of_a_crop_land_where_the_crop_lies():
    to_plate = torch.tensor([[1.0, 0.0, 8.0], [0.0, 1.0, 4.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    made = on_plate(square(8), to_plate, 32)
    assert made[0, 16, 20] == 1.0 and made[0, 12, 12] == 0.0


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_opaque_soft_edged_and_moves_with_the_face(name):
    alpha, colour = PLANTED[name](FACE, S, 3)
    assert alpha.shape == (1, S, S) and colour.shape == (3, S, S)
    assert alpha.max() == 1.0 and alpha.min() == 0.0 and ((alpha > 0.1) & (alpha < 0.9)).any()
    moved = PLANTED[name](FACE + np.array([10.0, 0.0, 0.0]), S, 3)[0]
    assert (moved[..., 10:] - alpha[..., :-10]).abs().max() < 1e-3
    over = laid_over(grey(S), (alpha, colour))
    assert torch.equal(over[:, alpha[0] == 0], grey(S)[:, alpha[0] == 0])


def test_classes_of_the_renderers_parts():
    parts = np.array([[0, 1, 1, 2, 3, 4, 5]])
    face = np.array([[False, False, True, True, True, True, True]])
    assert classes_of(parts, face).tolist() == [[0, NECK, SKIN, MOUTH, MOUTH, EYES, EYES]]


def test_the_small_network_is_read_as_a_parser_and_as_an_occluder(tmp_path):
    for package in ("onnx", "onnxruntime"):
        pytest.importorskip(package, reason="torch's exporter and the runtime need them")
    torch.manual_seed(0)
    parser, occluder = write_models(SmallParser().eval(), tmp_path)
    seen = open_parser(open_model(parser, tmp_path), SPACE, 0.0).look(crop_with(grey(S)))
    assert seen.values.shape[1:] == (S, S) and 0.0 < seen.values.sum(0).max() < 1.05
    alone = open_occluder(open_model(occluder, tmp_path), SPACE, 0.0).look(crop_with(grey(S)))
    assert alone.values.shape == (1, S, S)
    # One trunk: what the parser calls skin, eyes or mouth the occluder calls seen, but for the other eye's class.
    other_eye = seen.values[[0, 2, 4]].sum(0) - alone.values[0]
    assert other_eye.min() > 0.0 and (other_eye - 1.0 / CLASSES).abs().max() < 0.02
