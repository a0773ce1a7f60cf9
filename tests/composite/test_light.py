"""ff_vfx.composite.light and .look: light, colour and tone."""

import pytest
import torch

from ff_vfx.colour import to_stops
from ff_vfx.composite.light import colour_change, colour_match, colour_moments, light_stops
from ff_vfx.composite.look import apply_look, measure_look
from ff_vfx.composite.mattes import face_mattes
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Fused, to_crop
from ff_vfx.types.settings import CompositeSettings
from tests.synthetic import picture, posed_face

S = 192
ON = torch.ones(1, S, S)


def points():
    face = posed_face()
    scale = torch.diag(torch.tensor([1 / S, 1 / S, 1.0], dtype=torch.float64))
    return to_crop(face.landmarks, torch.from_numpy(face.crop_to_plate) @ scale)


def mattes(settings: CompositeSettings | None = None):
    return face_mattes(points(), S, face_mesh(), settings or CompositeSettings())


def fused(picture_: torch.Tensor, surround: torch.Tensor) -> Fused:
    return Fused(picture_, surround, pixel_grid(S, S).permute(2, 0, 1), torch.zeros(1, S, S), points())


def test_a_slow_light_is_found_to_a_tenth_of_a_stop():
    x = pixel_grid(S, S)[..., 0] / S
    truth = (1.5 * x - 0.5).expand(3, S, S)
    found = light_stops(truth, torch.zeros(3, S, S), ON, 0.06 * S)
    assert (found - truth)[:, 16:-16, 16:-16].abs().max() < 0.1


def test_a_beard_of_one_face_alone_is_not_light():
    plate = torch.zeros(3, S, S)
    plate[:, 100:125, 80:110] = -3.0
    found = light_stops(plate, torch.zeros(3, S, S), ON, 0.06 * S)
    assert found[:, :70].abs().max() < 0.05 and found.abs().max() < 1.0


def test_light_reaches_where_nothing_was_measured():
    weight = ON.clone()
    weight[..., 90:] = 0.0
    found = light_stops(torch.full((3, S, S), 0.7), torch.zeros(3, S, S), weight, 0.06 * S)
    assert (found - 0.7).abs().max() < 0.05


def test_equal_pictures_need_exactly_no_light():
    same = to_stops(picture(60, S, S), 0.01)
    assert not light_stops(same, same, ON, 10.0).any()


def test_the_colour_match_moves_the_mean_and_bounds_the_stretch():
    face, plate = to_stops(picture(61, S, S), 0.01), to_stops(picture(62, S, S) * 1.7, 0.01)
    match = colour_match(colour_moments(plate, ON), colour_moments(face, ON), 1.0)
    moved = face + colour_change(face, ON, match)
    assert torch.allclose(moved.mean((1, 2)), plate.mean((1, 2)), atol=1e-3)
    assert torch.linalg.svdvals(match.matrix).max() < 1.26 and torch.linalg.svdvals(match.matrix).min() > 0.79
    none = colour_match(colour_moments(plate, ON), colour_moments(face, ON), 0.0)
    assert colour_change(face, ON, none).abs().max() < 1e-5


def test_a_fuser_that_changes_nothing_gets_a_look_that_changes_nothing():
    same, settings = picture(63, S, S), CompositeSettings()
    look = measure_look([(fused(same, same), mattes())], settings, 0.01)
    assert torch.equal(apply_look(same, same, mattes(), look, settings), same)


@pytest.mark.parametrize(("tone", "as_plate"), [(0.0, True), (1.0, False)])
def test_skin_tone_goes_from_the_plates_to_the_performers(tone, as_plate):
    plate, face = picture(64, S, S), picture(65, S, S) * torch.tensor([0.5, 0.4, 0.3])[:, None, None]
    settings = CompositeSettings(skin_tone=tone, focus=0.0)
    look = measure_look([(fused(face, plate), mattes())], settings, 0.001)
    lit = apply_look(face, plate, mattes(), look, settings)
    skin = mattes().skin > 0.9
    mean = [to_stops(p, 0.001)[:, skin[0]].mean(1) for p in (lit, plate, face)]
    # Of the brightness between them a share is taken for exposure, not skin; the colour is the performer's.
    his = mean[2] + 0.36 * (mean[1] - mean[2]).mean()
    assert torch.allclose(mean[0], mean[1] if as_plate else his, atol=0.12)


def test_an_exposure_the_artist_knows_is_added_in_stops():
    plate, face = picture(64, S, S), picture(65, S, S)
    means = []
    for stops in (0.0, 0.5):
        settings = CompositeSettings(skin_tone=1.0, skin_stops=stops)
        look = measure_look([(fused(face, plate), mattes())], settings, 0.001)
        means.append(to_stops(apply_look(face, plate, mattes(), look, settings), 0.001).mean())
    assert means[1] - means[0] == pytest.approx(0.5, abs=0.01)


def test_highlights_and_arguments_survive():
    face = picture(66, S, S)
    face[:, 90, 96] = 300.0
    before = face._version
    look = measure_look([(fused(face, picture(67, S, S)), mattes())], CompositeSettings(), 0.01)
    lit = apply_look(face, picture(67, S, S), mattes(), look, CompositeSettings())
    assert lit[:, 90, 96].min() > 30.0 and torch.isfinite(lit).all() and face._version == before
