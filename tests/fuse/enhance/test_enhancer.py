"""ff_vfx.fuse.enhance.enhancer: what a network changes of the new face, and the way back into light."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.errors import ModelError
from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.enhance import enhancer as enhance
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.fuse.enhance.view import face_window
from ff_vfx.types.engine import TensorSpec
from ff_vfx.types.fused import Fused
from ff_vfx.types.template import five_points
from tests.fuse.enhance.enhancers import FFHQ, Network, brighter, codeformer, enlarged, gfpgan, grown, itself
from tests.synthetic import AS_IT_IS, SPACE, frame_of, picture, posed_face

SIZE = 192
BRIDGE = Bridge(SPACE, 0.0)


def fused_of(pixels: torch.Tensor | None = None, size: int = SIZE) -> Fused:
    pixels = picture(21, low=0.1, high=0.4) if pixels is None else pixels
    crop = take_crop(frame_of(pixels, 1, torch.float32), posed_face(), size, AS_IT_IS)
    reach = torch.zeros(1, size, size)
    return Fused(crop.pixels, crop.pixels, torch.zeros(2, size, size), reach, crop.points())


def on_the_face(fused: Fused) -> torch.Tensor:
    return face_window(fused.points, fused.picture.shape[-1])[0] > 0.999


@pytest.mark.parametrize(
    "network",
    [
        gfpgan(),
        Network(itself),
        Network(itself, size=64, channels="bgr", range=(0.0, 255.0)),
        Network(itself, multiple=64),
        Network(itself, kind="upscaler", size=96, made=96),
        Network(lambda p: p + np.float32(2e-5), tolerance=1e-4),
    ],
    ids=["gfpgan", "open", "small", "multiple", "upscaler", "rounding"],
)
def test_a_network_that_returns_what_it_was_shown_changes_no_bit(network):
    fused = fused_of(picture(11) * 40.0 - 1.0)
    enhancer = Enhancer(network, BRIDGE)
    change = enhancer.change(fused)
    assert not change.any()
    assert torch.equal(enhancer.add(fused.picture, change, 1.0), fused.picture)


def test_a_plain_enlargement_changes_no_bit():
    assert not Enhancer(Network(enlarged, kind="upscaler"), BRIDGE).change(fused_of()).any()


@pytest.mark.parametrize(
    "network",
    [
        gfpgan(brighter(0.2)),
        Network(brighter(0.1)),
        Network(brighter(0.1), size=256),
        Network(lambda p: grown(p) + 0.1, kind="upscaler"),
        Network(lambda p: grown(p, 4) + 0.1, kind="upscaler", size=64, made=256),
    ],
    ids=["gfpgan", "open", "larger", "x2", "x4 tiles"],
)
def test_what_is_added_in_any_range_size_and_place_is_added_on_the_face(network):
    flat = fused_of(torch.full((3, 240, 240), 0.2))
    change = Enhancer(network, BRIDGE).change(flat)
    assert (change[:, on_the_face(flat)] - 0.1).abs().max() < 2e-3
    assert not change[:, :4].any() and change.min() > -1e-6


def test_strength_scales_and_zero_changes_no_bit():
    flat = fused_of(torch.full((3, 240, 240), 0.2))
    enhancer = Enhancer(Network(brighter(0.1)), BRIDGE)
    change = enhancer.change(flat)
    half = BRIDGE.encode(enhancer.add(flat.picture, change, 0.5)) - BRIDGE.encode(flat.picture)
    assert (half[:, on_the_face(flat)] - 0.05).abs().max() < 1e-3
    assert torch.equal(enhancer.add(flat.picture, change, 0.0), flat.picture)


def test_highlights_above_one_live_and_get_the_change_in_light():
    pixels = torch.full((3, 240, 240), 0.2)
    pixels[:, 100:120, 100:140] = 30.0
    pixels[:, 120:130, 100:140] = -0.01
    hot = fused_of(pixels)
    brighten, darken = (Enhancer(Network(brighter(step)), BRIDGE) for step in (0.1, -0.1))
    high = hot.picture[0] > 29.0
    assert high.any()
    up = brighten.add(hot.picture, brighten.change(hot), 1.0)
    assert torch.equal(up[:, high], hot.picture[:, high]), "no room above white: the light stays as it was"
    down = darken.add(hot.picture, darken.change(hot), 1.0)
    lost = hot.picture[:, high] - down[:, high]
    assert lost.min() > 0.1 and lost.max() < 0.3, "what the network takes off white is taken off the light, no more"


def test_the_face_lies_as_the_template_says():
    marked = torch.full((3, 240, 240), 0.1)
    x, y = five_points(posed_face().landmarks)[2]
    marked[:, int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] = 1.0
    network = gfpgan()
    Enhancer(network, BRIDGE).change(fused_of(marked))
    shown = network.seen[-1]["input"][0].mean(0)
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    nose = np.array(FFHQ.points[2]) * 512
    assert np.hypot(column - nose[0], row - nose[1]) < 40, "a synthetic face's nose is not FFHQ's, but it is near"
    assert shown.min() >= -1.0 and shown.max() > 0.9


def test_fidelity_goes_to_the_input_for_it():
    network, flat = codeformer(), fused_of(torch.full((3, 240, 240), 0.2))
    change = Enhancer(network, BRIDGE, fidelity=0.5).change(flat)
    assert network.seen[-1]["w"].tolist() == [0.5]
    assert (change[:, on_the_face(flat)] - 0.05).abs().max() < 2e-3


def test_an_upscaler_shown_less_makes_what_the_crop_has_room_for():
    network = Network(lambda p: grown(p) + 0.1, kind="upscaler")
    flat = fused_of(torch.full((3, 240, 240), 0.2))
    change = Enhancer(network, BRIDGE, shown=SIZE // 2).change(flat)
    assert network.seen[-1]["input"].shape[-1] == SIZE // 2
    assert (change[:, on_the_face(flat)] - 0.1).abs().max() < 2e-3


@pytest.mark.parametrize(("times", "part"), [(2, 1), (4, 1), (4, 2), (3, 1), (3, 2)])
def test_tiles_are_never_finer_than_the_crop_needs(monkeypatch, times, part):
    made = []
    plain = enhance.run_tiled
    monkeypatch.setattr(enhance, "run_tiled", lambda *given: made.append(plain(*given)) or made[-1])
    flat = fused_of(torch.full((3, 240, 240), 0.2))
    network = Network(lambda p: grown(p, times) + 0.1, kind="upscaler")
    change = Enhancer(network, BRIDGE, shown=SIZE // part).change(flat)
    assert made[0].shape[-1] < 2 * SIZE
    assert (change[:, on_the_face(flat)] - 0.1).abs().max() < 2e-3


def test_the_same_crop_gives_the_same_bits_and_nothing_is_written_into():
    fused = fused_of()
    before = fused.picture.clone(), fused.picture._version
    enhancer = Enhancer(gfpgan(lambda p: p * np.float32(0.9)), BRIDGE)
    first, second = (enhancer.add(fused.picture, enhancer.change(fused), 0.8) for _ in range(2))
    assert torch.equal(first, second) and not torch.equal(first, fused.picture)
    assert torch.equal(fused.picture, before[0]) and fused.picture._version == before[1]


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (lambda: Network(itself, kind="swapper"), "model net: is a swapper; enhance.model needs an enhancer or an up"),
        (lambda: Network(itself, more=(TensorSpec("id", (1, 512), "flat", role="identity"),)), "'id' is neither"),
        (lambda: Network(itself, size=96, made=100), "100 px for 96; a whole number of times"),
        (lambda: Network(lambda p: p[..., ::2, ::2], kind="upscaler"), "16 px for 32"),
    ],
)
def test_a_network_of_another_kind_is_refused_as_it_is_opened(network, words):
    with pytest.raises(ModelError, match=words):
        Enhancer(network(), BRIDGE)


@pytest.mark.parametrize(
    ("makes", "words"),
    [
        (lambda p: p * np.float32("nan"), "model net: output 'output' holds nan"),
        (lambda p: p[:, :, :-1, :-1], r"model net: gave \[191, 191\] px for \[192, 192\]"),
        (lambda p: p[:, :1], "model net: .*three channels"),
    ],
)
def test_a_network_that_breaks_its_word_later_says_so(makes, words):
    enhancer = Enhancer(Network(makes), BRIDGE)
    with pytest.raises(ModelError, match=words):
        enhancer.change(fused_of())
