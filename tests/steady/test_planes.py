"""ff_vfx.steady.planes: a network's mattes are held still by their neighbours, and by nobody else."""

from __future__ import annotations

import pytest
import torch

from ff_vfx.errors import FrameBroken, ModelError
from ff_vfx.fuse.crop import take_crop
from ff_vfx.steady.flow import DenseFlow
from ff_vfx.steady.neighbourhood import Neighbourhood, Source
from ff_vfx.steady.planes import planes_steadier, steadied_planes
from ff_vfx.types.planes import Planes
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.stopwatch import Stopwatch
from tests.steady.made import new_face, shifted, textured
from tests.synthetic import AS_IT_IS, frame_of, posed_face

S, STEP = 96, 1.5
FACE = posed_face(centre=(48.0, 44.0), scale=28.0)
WIDE = textured(70, 2 * S)


def plate(number: int) -> torch.Tensor:
    """It moves 1.5 px to the right a frame."""
    return shifted(WIDE, STEP * number)[:, S // 2 : S // 2 + S, S // 2 : S // 2 + S]


def near(cuts: tuple[int, ...] = (), broken: tuple[int, ...] = (), **changes: object) -> Neighbourhood:
    def place(number, frame):
        if number in broken or not 1 <= number <= 9:
            raise FrameBroken(f"frame {number}: truncated")
        crop = take_crop(frame_of(plate(number), number, torch.float32), FACE, S, AS_IT_IS)
        return crop, new_face(crop.pixels, crop.pixels)

    source = Source(place, place, lambda crop, fused: torch.ones(1, S, S), range(1, 10), cuts)
    settings = SteadySettings.model_validate({"flow": "medium", **changes})
    return Neighbourhood(source, settings, DenseFlow("medium", 0.0), 0.01, beside=2)


def ball(number: int) -> torch.Tensor:
    """(1, S, S): a mark that moves with the plate, which the crop shows a little larger or smaller."""
    crop_side = float(FACE.crop_to_plate[0, 0])
    x = torch.arange(S) + 0.5
    centre = (40.0 + STEP * number - FACE.crop_to_plate[0, 2]) / crop_side * S
    far = ((x[None] - centre) ** 2 + (x[:, None] - S / 2) ** 2).sqrt()
    return (12.0 - far + 0.5).clamp(0.0, 1.0)[None]


def seen(number: int, values: torch.Tensor | None = None, weight: float = 1.0) -> tuple[Planes, ...]:
    return (Planes(ball(number) if values is None else values, torch.full((1, S, S), weight), weight),)


def held(group: Neighbourhood, look, number: int, window: int = 1) -> Planes:
    return steadied_planes(group, look, (number, None), (window, SteadySettings()), Stopwatch())[0]


def by_number(**odd: tuple[Planes, ...]):
    return lambda crop, fused: odd.get(f"n{crop.number}") or seen(crop.number)


def test_a_matte_that_moves_with_the_plate_stays_as_it_is():
    made = held(near(), by_number(), 5)
    assert (made.values - ball(5)).abs().max() < 0.25 and (made.values - ball(5)).abs().mean() < 0.004
    assert made.found == 1.0 and bool((made.weight == 1.0).all())


@pytest.mark.parametrize("window", [1, 2])
def test_a_frame_that_pops_is_outvoted_by_those_beside_it(window):
    gone = by_number(n5=seen(5, torch.zeros(1, S, S)))
    middle = ball(5) > 0.99
    left = held(near(), gone, 5, window).values[middle]
    assert left.mean() > (0.6 if window == 1 else 0.7)
    assert held(near(), gone, 5, 0).values.max() == 0.0, "window 0: each frame by itself"


def test_noise_is_less_with_neighbours_than_without():
    def noisy(crop, fused):
        noise = 0.2 * torch.randn(1, S, S, generator=torch.Generator().manual_seed(crop.number))
        return seen(crop.number, 0.5 + noise)

    alone, together = (held(near(), noisy, 5, window).values[:, 20:-20, 20:-20].std() for window in (0, 2))
    assert together < 0.7 * alone


def test_a_frame_that_the_network_did_not_understand_is_told_by_its_neighbours():
    made = held(near(), by_number(n5=seen(5, torch.zeros(1, S, S), 0.0)), 5)
    middle = ball(5) > 0.99
    assert made.values[middle].min() > 0.8 and made.weight[middle].min() > 0.5 and made.found == 0.0


def test_where_nobody_understood_nobody_is_believed():
    made = held(near(), lambda crop, fused: seen(crop.number, torch.zeros(1, S, S), 0.0), 5)
    assert not made.weight.any() and torch.isfinite(made.values).all()


def test_a_neighbour_behind_a_cut_broken_or_not_there_has_no_word():
    everything = seen(0, torch.ones(1, S, S))
    for group, odd in ((near(cuts=(5,)), {"n4": everything}), (near(cuts=(6,)), {"n6": everything})):
        mild = held(group, by_number(**odd), 5).values
        assert (mild - ball(5)).abs().mean() < 0.004
    assert (held(near(broken=(4, 6)), by_number(), 5).values == ball(5)).all()
    assert held(near(), by_number(), 1).values.shape == (1, S, S)


def test_a_neighbour_on_which_the_network_fails_has_no_word_and_the_frame_itself_says_so():
    def failing(crop, fused):
        if crop.number == 6:
            raise ModelError("frame 6: model colours: out of memory")
        return seen(crop.number)

    assert (held(near(), failing, 5).values - ball(5)).abs().mean() < 0.004
    with pytest.raises(ModelError, match="frame 6"):
        held(near(), failing, 6)
    with pytest.raises(FrameBroken):
        held(near(broken=(3,)), failing, 3)


def test_live_looks_back_alone():
    asked: list[int] = []

    def look(crop, fused):
        asked.append(crop.number)
        return seen(crop.number)

    held(near(causal=True), look, 5, 2)
    assert set(asked) == {3, 4, 5}


def test_a_frame_alone_is_the_frame_in_any_order():
    def wild(crop, fused):
        noise = torch.rand(1, S, S, generator=torch.Generator().manual_seed(crop.number))
        return seen(crop.number, 0.5 * ball(crop.number) + 0.5 * noise)

    alone = held(near(), wild, 5).values
    for order in ((1, 2, 3, 4, 5), (9, 5), (7, 6, 5)):
        group = near()
        assert torch.equal([held(group, wild, n).values for n in order][-1], alone)


def test_where_light_changed_a_neighbour_is_not_believed():
    everything = seen(0, torch.ones(1, S, S))
    dark = near()
    flashed = dark._source.place

    def place(number, frame):
        crop, fused = flashed(number, frame)
        return (crop, fused) if number == 5 else (crop, new_face(fused.surround * 3.0, fused.surround * 3.0))

    source = Source(place, place, dark._source.seen, range(1, 10), ())
    group = Neighbourhood(source, SteadySettings(flow="medium"), DenseFlow("medium", 0.0), 0.01)
    made = held(group, by_number(n4=everything, n6=everything), 5).values
    assert (made - ball(5)).abs().mean() < 0.01


def test_without_a_network_there_is_nothing_to_hold():
    assert planes_steadier(near(), None, 1, SteadySettings()) is None
