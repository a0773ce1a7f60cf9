"""Heads as a few cells: what is hidden stays hidden, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.composite.anonymise import Cover, cover_of, covered, plane_treatment
from ff_vfx.composite.anonymise_cells import cells_of, drawn
from ff_vfx.errors import BadInput
from ff_vfx.types.frame import Frame
from ff_vfx.types.heads import Head
from ff_vfx.types.window import Window
from tests.synthetic import frame_of, picture

METHODS = ("blur", "pixelate")


def head_at(x: float = 120.0, y: float = 110.0, radius: float = 60.0, roll: float = 0.0, face_px: float = 70.0) -> Head:
    return Head(np.array([[[radius, 0.0, x], [0.0, radius * 1.2, y]]]), roll, face_px)


def cover(frame: Frame, *heads: Head, across: float = 5.0) -> Cover:
    return cover_of(heads or [head_at()], frame.data_window, across)


def whole(frame: Frame, made: Cover, method: str) -> torch.Tensor:
    """(3, h, w) float32: the frame as it is written."""
    out = frame.pixels[:3].float().clone()
    rows, columns = made.window.slices(frame.data_window)
    out[:, rows, columns] = covered(frame, made, method)
    return out


def share(frame: Frame, made: Cover) -> torch.Tensor:
    """(h, w): the coverage over the whole frame."""
    out = torch.zeros(frame.pixels.shape[-2:])
    rows, columns = made.window.slices(frame.data_window)
    out[rows, columns] = made.coverage[0]
    return out


def bits(pixels: torch.Tensor) -> np.ndarray:
    return pixels.contiguous().numpy().view(np.uint32)


@pytest.mark.parametrize("method", METHODS)
def test_where_no_head_is_the_plate_is_bit_exact(method):
    pixels = picture(1)
    pixels[:, 2, 3], pixels[:, 4, 5], pixels[:, 6, 7] = torch.nan, -torch.inf, -0.0
    frame = frame_of(pixels, 1001, torch.float32)
    made = cover(frame)
    open_ = (share(frame, made) == 0.0).numpy()
    assert 0.5 < open_.mean() < 0.9
    assert (bits(whole(frame, made, method))[:, open_] == bits(frame.pixels)[:, open_]).all()


@pytest.mark.parametrize("method", METHODS)
def test_what_is_finer_than_a_cell_leaves_no_trace(method):
    """Two faces with the same cells give the same picture: no deconvolution can tell them apart."""
    frame = frame_of(picture(2), 1001, torch.float32)
    made = cover(frame)
    (part,) = made.parts
    index = part.cells.v.astype(int) * part.cells.side + part.cells.u.astype(int)
    shuffled = frame.pixels.clone()
    rows, columns = part.window.slices(frame.data_window)
    view = shuffled[:, rows, columns]
    rng = np.random.default_rng(0)
    full = (part.weight >= 1.0) & part.cells.inside
    for cell in np.unique(index[full]):
        places = np.argwhere((index == cell) & full)
        mixed = rng.permutation(places)
        view[:, places[:, 0], places[:, 1]] = view[:, mixed[:, 0], mixed[:, 1]].clone()
    other = frame_of(shuffled, 1001, torch.float32)
    hidden = share(frame, made) >= 1.0
    assert (shuffled - frame.pixels).abs()[:, hidden].mean() > 0.005, "else the test tests nothing"
    a, b = whole(frame, made, method)[:, hidden], whole(other, made, method)[:, hidden]
    torch.testing.assert_close(a, b, atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("method", METHODS)
def test_a_highlight_has_no_shape(method):
    plain = picture(3, low=0.2, high=0.4)
    lit = plain.clone()
    lit[:, 95:105, 100:140] = 900.0  # a reflection in glasses, 2 % of the head
    frames = [frame_of(pixels, 1001, torch.float32) for pixels in (plain, lit)]
    made = cover(frames[0])
    a, b = (whole(frame, made, method) for frame in frames)
    hidden = share(frames[0], made) >= 1.0
    assert float(b[:, hidden].max()) < 0.42, "no brighter than the head's own bright parts"
    assert float((a - b)[:, hidden].abs().max()) < 0.15, "a cell is bright, as one of the head's may be"


@pytest.mark.parametrize("method", METHODS)
def test_broken_pixels_under_a_head_spread_nowhere(method):
    pixels = picture(4)
    pixels[0, 100:120, 100:120], pixels[1, 60:160, 60:170], pixels[2] = torch.nan, torch.inf, -torch.inf
    frame = frame_of(pixels, 1001, torch.float32)
    made = cover(frame)
    out = whole(frame, made, method)
    assert torch.isfinite(out[:, share(frame, made) > 0.0]).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_flat_head_stays_flat_and_nothing_overshoots(method):
    frame = frame_of(torch.full((3, 240, 240), -0.25), 1001, torch.float32)
    out = whole(frame, cover(frame), method)
    torch.testing.assert_close(out, frame.pixels, atol=1e-6, rtol=0.0)
    frame = frame_of(picture(5), 1001, torch.float32)
    made = cover(frame)
    hidden = share(frame, made) >= 1.0
    out = whole(frame, made, method)[:, hidden]
    inside = frame.pixels[:, share(frame, made) > 0.0]
    assert (out.amax(1) <= inside.amax(1)).all() and (out.amin(1) >= inside.amin(1)).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_heads_does_not_count_and_larger_cells_win(method):
    frame = frame_of(picture(6), 1001, torch.float32)
    large, small = head_at(), head_at(x=110.0, y=100.0, radius=30.0, face_px=24.0)
    one, other = cover(frame, large, small), cover(frame, small, large)
    assert torch.equal(whole(frame, one, method), whole(frame, other, method))
    alone = cover(frame, large)
    hidden = share(frame, alone) >= 1.0
    torch.testing.assert_close(
        whole(frame, one, method)[:, hidden], whole(frame, alone, method)[:, hidden], atol=1e-6, rtol=0.0
    )


def test_nothing_is_written_into():
    frame = frame_of(picture(7), 1001, torch.float32)
    before, version = frame.pixels.clone(), frame.pixels._version
    made = cover(frame)
    for method in METHODS:
        covered(frame, made, method)
    assert torch.equal(frame.pixels, before) and frame.pixels._version == version


def test_cells_ride_on_the_head():
    """The head goes 17 px right and 9 px down, and so does its picture: no cell crawls over the face."""
    pixels = picture(8)
    moved = torch.roll(pixels, (9, 17), (1, 2))
    a, b = (frame_of(one, 1001, torch.float32) for one in (pixels, moved))
    still = whole(a, cover(a, head_at(100.3, 100.7)), "pixelate")
    shifted = whole(b, cover(b, head_at(117.3, 109.7)), "pixelate")
    part = (slice(None), slice(60, 140), slice(60, 140))
    torch.testing.assert_close(torch.roll(shifted, (-9, -17), (1, 2))[part], still[part], atol=2e-6, rtol=0.0)


def test_cells_turn_with_the_head_and_are_as_many_as_asked():
    inside = np.ones((200, 200), bool)
    window = Window(0, 0, 200, 200)
    straight = cells_of(head_at(100.0, 100.0, face_px=100.0), window, 5.0, inside)
    turned = cells_of(head_at(100.0, 100.0, roll=np.pi / 2.0, face_px=100.0), window, 5.0, inside)
    assert straight.u[100, 199] - straight.u[100, 99] == pytest.approx(5.0), "100 px of a face of 100 px: five cells"
    middle = straight.side / 2.0
    assert np.allclose(turned.u - turned.side / 2.0, straight.v - middle)
    assert np.allclose(turned.v - turned.side / 2.0, middle - straight.u)


def test_blocks_are_flat_and_blur_is_smooth():
    frame = frame_of(picture(9), 1001, torch.float32)
    (part,) = cover(frame).parts
    plane = frame.pixels[0, part.window.y0 : part.window.y1, part.window.x0 : part.window.x1].numpy()
    blocks, blur = drawn(plane, part.cells, "pixelate"), drawn(plane, part.cells, "blur")
    used = len(
        np.unique(part.cells.v[part.cells.inside].astype(int) * 1000 + part.cells.u[part.cells.inside].astype(int))
    )
    assert len(torch.unique(blocks[torch.from_numpy(part.cells.inside)])) <= used
    assert float(blur.diff(dim=1).abs().max()) < 0.3 * float(blocks.diff(dim=1).abs().max())


def test_a_head_outside_the_picture_covers_nothing_and_a_huge_one_all():
    frame = frame_of(picture(10), 1001, torch.float32)
    assert cover(frame, head_at(x=-900.0)).window.empty
    made = cover(frame, Head(np.array([[[1e5, 0, 0], [0, 1e5, 0]]]), 0.0, 60.0))
    assert made.window == frame.data_window and float(made.coverage.min()) == 1.0
    assert torch.isfinite(whole(frame, made, "blur")).all()


def test_other_planes_are_covered_in_their_own_kind():
    frame = frame_of(picture(11), 1001, torch.float32)
    made = cover(frame)
    treat = plane_treatment(made, frame.data_window, "blur")
    hidden, open_ = (share(frame, made) >= 1.0).numpy(), (share(frame, made) == 0.0).numpy()
    ids = np.arange(240 * 240, dtype=np.uint32).reshape(240, 240)
    out = treat(ids)
    assert (out[hidden] == 0).all() and (out[open_] == ids[open_]).all() and out.dtype == np.uint32
    depth = np.random.default_rng(1).uniform(1.0, 60000.0, (240, 240)).astype(np.float16)
    out = treat(depth)
    assert out.dtype == np.float16 and np.isfinite(out).all() and (out[open_] == depth[open_]).all()
    assert np.std(out[hidden].astype(float)) < 0.3 * np.std(depth[hidden].astype(float))


def test_what_would_show_a_face_is_refused():
    frame = frame_of(picture(12), 1001, torch.float32)
    for across in (1.0, 9.0, float("nan")):
        with pytest.raises(BadInput, match="2 to 8"):
            cover(frame, across=across)
    with pytest.raises(BadInput, match="blur, pixelate"):
        covered(frame, cover(frame), "nothing")
    with pytest.raises(BadInput, match="no number"):
        Head(np.array([[[1.0, 0.0, np.nan], [0.0, 1.0, 0.0]]]), 0.0, 60.0)
