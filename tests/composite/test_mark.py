"""The mark: over every picture of the new face, readable, fixed to the head, and nothing left to put together."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.mark import MARKED, Mark, mark_layers
from ff_vfx.composite.together import together
from ff_vfx.image.st_map import own_place
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame
from ff_vfx.types.layers import Layers
from ff_vfx.types.window import Window
from tests.synthetic import AS_IT_IS, SPACE, posed_face

SIDE = 320
DISPLAY = Window(0, 0, SIDE, SIDE)
WINDOW = Window(30, 20, 290, 300)
MARK = Mark("Jo Example / sh010", 1.0, AS_IT_IS)


def face_at(scale: float = 90.0, yaw: float = 0.0, centre: tuple[float, float] = (160.0, 160.0)) -> Face:
    return posed_face(centre=centre, scale=scale, yaw=yaw)


def oval(window: Window, centre: tuple[float, float] = (160.0, 160.0), soft_px: float = 12.0) -> torch.Tensor:
    y, x = torch.meshgrid(torch.arange(window.y0, window.y1), torch.arange(window.x0, window.x1), indexing="ij")
    away = (((x - centre[0]) / 90.0) ** 2 + ((y - centre[1]) / 115.0) ** 2).sqrt()
    return ((1.0 - away) * 100.0 / soft_px).clamp(0.0, 1.0)[None]


def features(window: Window) -> torch.Tensor:
    """A face of fine detail: noise, every pixel of its own."""
    shape = (3, window.height, window.width)
    return torch.rand(shape, generator=torch.Generator().manual_seed(2)) * 0.6 + 0.2


def fused_layers(gain: float = 1.0, coverage: torch.Tensor | None = None, opacity: float = 1.0) -> Layers:
    pixels = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * gain
    pixels[0, 22, 32], pixels[1, 23, 33], pixels[2, 24, 34] = float("nan"), float("inf"), -0.0
    frame = Frame(pixels, 1001, SPACE, DISPLAY, DISPLAY)
    covered = (oval(WINDOW) if coverage is None else coverage) * opacity
    rows, columns = WINDOW.slices(DISPLAY)
    plate, new = pixels[:, rows, columns], features(WINDOW) * gain
    fused = torch.where(covered > 0.0, plate * (1.0 - covered) + new * covered, plate)
    raw = oval(WINDOW, soft_px=2.0)
    u, v = (torch.from_numpy(plane.copy()) for plane in own_place(WINDOW, DISPLAY))
    planes = {f"ffFace.{c}": p for c, p in zip("RGBA", [*(new * covered), covered[0]], strict=True)}
    planes |= {f"ffRaw.{c}": p for c, p in zip("RGBA", [*(new * raw), raw[0]], strict=True)}
    planes |= {
        "ffMatte.red": covered[0],
        "ffSt.u": u,
        "ffSt.v": v,
        "ffAux.weight": covered[0],
        "forward.u": u * 0.0,
        "forward.v": u * 0.0,
    }
    return Layers(frame, WINDOW, fused, covered, planes)


def told_apart(marked: torch.Tensor, new: torch.Tensor, where: torch.Tensor) -> float:
    """Correlation of fine detail: 1 where the face is as it was, 0 where nothing of it is left."""
    high = [picture - torch.nn.functional.avg_pool2d(picture[None], 9, 1, 4)[0] for picture in (marked, new)]
    a, b = (one[:, where] - one[:, where].mean() for one in high)
    return float((a * b).sum() / (a.norm() * b.norm()))


def test_where_coverage_is_zero_the_plates_bits_stay():
    layers = fused_layers()
    marked = mark_layers(layers, face_at(), MARK)
    away = (layers.coverage == 0.0)[0].numpy()
    assert away.any()
    rows, columns = WINDOW.slices(DISPLAY)
    plate = layers.frame.pixels[:, rows, columns].numpy()
    assert marked.fused.numpy()[:, away].tobytes() == plate[:, away].tobytes()
    assert torch.equal(marked.coverage, layers.coverage)
    for name in ("ffFace.R", "ffFace.G", "ffFace.B"):
        assert not marked.planes[name][torch.from_numpy(away)].any()


def test_no_picture_of_the_new_face_is_left_in_any_layer():
    layers, new = fused_layers(), features(WINDOW)
    marked = mark_layers(layers, face_at(), MARK)
    core = layers.coverage[0] == 1.0
    raw = torch.stack([marked.planes[f"ffRaw.{c}"] for c in "RGB"])
    own = torch.stack([marked.planes[f"ffFace.{c}"] for c in "RGB"])
    assert told_apart(layers.fused, new, core) > 0.99, "the measure itself"
    for picture in (marked.fused, raw, own):
        assert abs(told_apart(picture, new, core)) < 0.05
        assert torch.isfinite(picture[:, core]).all()
    assert torch.allclose(own, marked.fused * core, atol=1e-6) or torch.equal(own[:, core], marked.fused[:, core])


def test_shapes_stay_and_a_layer_the_mark_does_not_know_is_black():
    layers = fused_layers()
    layers = replace(layers, planes={**layers.planes, "ffNew.R": layers.fused[0], "depth.Z": layers.fused[1]})
    marked = mark_layers(layers, face_at(), MARK)
    for name in ("ffMatte.red", "ffSt.u", "ffSt.v", "ffAux.weight", "forward.u", "ffFace.A", "ffRaw.A"):
        assert torch.equal(marked.planes[name], layers.planes[name]), name
    assert not marked.planes["ffNew.R"].any() and not marked.planes["depth.Z"].any()
    assert marked.attributes[MARKED] == "no consent" and marked.decisions["marked"] == MARK.label


def test_nothing_is_written_into_what_was_given():
    layers = fused_layers()
    before = {name: plane.clone() for name, plane in layers.planes.items()} | {"fused": layers.fused.clone()}
    mark_layers(layers, face_at(), MARK)
    for name, plane in before.items():
        now = layers.fused if name == "fused" else layers.planes[name]
        assert torch.equal(torch.nan_to_num(now), torch.nan_to_num(plane)), name


@pytest.mark.parametrize("opacity", [0.5, 0.02])
def test_a_faint_face_taken_off_the_plate_is_the_marked_one(opacity: float):
    """composite.opacity, a matte or a weight make the face faint, not clean."""
    layers, new = fused_layers(opacity=opacity), features(WINDOW)
    marked = mark_layers(layers, face_at(), MARK)
    core = layers.coverage[0] == opacity
    alpha = marked.planes["ffFace.A"].clamp_min(1e-9)
    lifted = torch.stack([marked.planes[f"ffFace.{c}"] for c in "RGB"]) / alpha
    assert abs(told_apart(lifted, new, core)) < 0.06
    whole = mark_layers(fused_layers(), face_at(), MARK)
    assert torch.allclose(lifted[:, core], whole.fused[:, core], atol=0.02)


def test_two_renders_with_other_words_show_no_more_than_one():
    """The bands lie where they lie; what they say changes nothing of what they hide."""
    layers, new = fused_layers(), features(WINDOW)
    pictures = [
        mark_layers(layers, face_at(), replace(MARK, label=label)).fused
        for label in ("Jo", "Somebody Else / sh999", "人物", "x" * 200, "\n\t")
    ]
    core = layers.coverage[0] == 1.0
    mixed = torch.stack(pictures).median(0).values
    assert abs(told_apart(mixed, new, core)) < 0.05
    assert any(not torch.equal(one, pictures[0]) for one in pictures[1:]), "words are written"


def test_a_good_half_of_the_face_is_under_bands_and_the_rest_is_blocks():
    layers = fused_layers(coverage=torch.ones(1, WINDOW.height, WINDOW.width))
    twice = [mark_layers(replace(layers, fused=layers.fused + more), face_at(), MARK).fused for more in (0.0, 0.25)]
    assert torch.isfinite(twice[0]).all(), "one broken pixel does not break its block"
    lifted = (twice[1] - twice[0]).amin(0)
    hidden, shown = lifted < 1e-6, lifted > 0.24
    assert 0.5 < float(hidden.float().mean()) < 0.7
    colours = len(torch.unique((twice[0][0, shown] * 1000.0).round()))
    blocks = (WINDOW.width / (0.125 * 90.0) + 2) * (WINDOW.height / (0.125 * 90.0) + 2)
    assert colours < blocks < 0.05 * int(shown.sum()), "one colour a block"


@pytest.mark.parametrize("gain", [2.0**-9, 1.0, 2.0**6])
def test_the_mark_stands_out_at_the_shots_own_exposure(gain: float):
    """Dark band, bright letters, red band: each a stop or more from the other, and in the range of the face."""
    marked = mark_layers(fused_layers(gain), face_at(), replace(MARK, white=gain)).fused / gain
    core = oval(WINDOW)[0] == 1.0
    value = marked[:, core].amax(0)
    dark, bright = float((value < 0.02).float().mean()), float((value > 0.95).float().mean())
    assert dark > 0.12 and bright > 0.05
    reference = mark_layers(fused_layers(), face_at(), MARK).fused
    assert torch.allclose(marked[:, core], reference[:, core], rtol=1e-3, atol=1e-4)


def test_the_words_can_be_read_on_a_face_of_256_px():
    """Turned upright, the band says what the letters alone would."""
    from ff_vfx.image.lettering import text_line

    layers = fused_layers(coverage=torch.ones(1, WINDOW.height, WINDOW.width))
    marked = mark_layers(layers, face_at(scale=256 / 1.8), replace(MARK, white=1.0)).fused[0].numpy()
    middle = (WINDOW.width / 2, WINDOW.height / 2)
    upright = cv2.warpAffine(marked, cv2.getRotationMatrix2D(middle, -30.0, 1.0), marked.shape[::-1])
    best = 0.0
    for height in range(17, 25):
        words = text_line("CONSENT", height).numpy()
        best = max(best, float(cv2.matchTemplate(upright, words, cv2.TM_CCOEFF_NORMED).max()))
    assert best > 0.8, best


def test_the_mark_goes_with_the_head():
    """Moved, turned in the picture and enlarged with the face, the same letters lie on the same places of it."""
    layers = fused_layers(coverage=torch.ones(1, WINDOW.height, WINDOW.width))
    flat = replace(
        layers, fused=torch.full_like(layers.fused, 0.3), frame=replace(layers.frame, pixels=torch.zeros(3, SIDE, SIDE))
    )
    here = mark_layers(flat, face_at(), MARK).fused.numpy()
    there = mark_layers(flat, face_at(centre=(167.0, 154.0)), MARK).fused.numpy()
    assert np.allclose(here[:, 20:-20, 20:-20], there[:, 14:-26, 27:-13], atol=0.02)


@pytest.mark.parametrize("yaw", [0.0, 0.9, 1.57, -1.57, 3.1])
@pytest.mark.parametrize("scale", [4.0, 90.0])
def test_whatever_way_the_head_is_turned_the_face_is_hidden(yaw: float, scale: float):
    layers, new = fused_layers(), features(WINDOW)
    marked = mark_layers(layers, face_at(scale, yaw), MARK)
    assert torch.isfinite(marked.fused[:, layers.coverage[0] == 1.0]).all()
    # Blocks of three pixels, on a head of seven, leave more of single pixels than those of eleven do.
    assert abs(told_apart(marked.fused, new, layers.coverage[0] == 1.0)) < (0.4 if scale < 10.0 else 0.1)


def test_a_solve_that_makes_the_head_small_does_not_make_the_blocks_small():
    layers = fused_layers(coverage=torch.ones(1, WINDOW.height, WINDOW.width))
    new = mark_layers(layers, face_at(), MARK).fused, mark_layers(layers, face_at(scale=2.0), MARK).fused
    usual, forged = (len(torch.unique(one.flatten(1), dim=1).T) for one in new)
    assert forged < usual * 2.5


def test_a_log_plate_gets_the_mark_in_its_own_encoding():
    to_log = Transform.between(SPACE, "ACEScct")
    white, coded = (mark_layers(fused_layers(), face_at(), Mark("a", 1.0, way)).fused for way in (AS_IT_IS, to_log))
    letters = white.amin(0) > 0.999
    assert letters.any()
    assert torch.allclose(coded[:, letters], to_log(white)[:, letters], atol=1e-4)


def test_an_empty_window_is_given_back_and_the_mark_survives_company():
    nothing = replace(
        fused_layers(), window=Window(0, 0, 0, 0), fused=torch.zeros(3, 0, 0), coverage=torch.zeros(1, 0, 0)
    )
    assert mark_layers(nothing, face_at(), MARK) is nothing
    layers = fused_layers()
    marked = mark_layers(layers, face_at(), MARK)
    alone, both = marked.fused, together([layers, marked]).fused
    core = layers.coverage[0] == 1.0
    assert torch.equal(both[:, core], alone[:, core])
    assert together([layers, marked]).attributes[MARKED] == "no consent"
    assert together([marked, layers]).attributes[MARKED] == "no consent"
