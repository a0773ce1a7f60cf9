"""Our arithmetic against OpenColorIO's own: the same numbers, also far above 1 and below 0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
import torch

from ff_vfx.colour import PINNED, Transform, load_config
from ff_vfx.errors import BadInput, UnknownColourSpace

LINEAR = ("ACES2065-1", "lin_rec709", "lin_rec2020")
CURVED = (
    "srgb_tx",
    "acescct",
    "arri_logc3_ei800",
    "arri_logc4",
    "log3g10_redwidegamutrgb",
    "slog3_sgamut3cine",
    "g22_rec709",
)
# Relative to the pixel's largest channel (at least 0.001), since a matrix subtracts large numbers from large ones.
EXACT = 5e-6  # OpenColorIO with true powers; measured 2e-6
FAST = 5e-5  # OpenColorIO as it comes, whose fast powers are themselves off by 3e-5


def _light() -> np.ndarray:
    rng = np.random.default_rng(0)
    parts = [rng.uniform(-0.5, 1, 3000), 2.0 ** rng.uniform(-12, 7, 6000), -(2.0 ** rng.uniform(-12, 1, 2988))]
    values = np.concatenate([*parts, [0.0, -0.0, 1.0, 65504.0] * 3]).astype(np.float32)
    return rng.permutation(values).reshape(-1, 3)


def _code() -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.3, 1.2, (4000, 3)).astype(np.float32)


def _cases() -> list[tuple[str, str]]:
    return [pair for space in (*LINEAR, *CURVED) for pair in (("ACEScg", space), (space, "ACEScg"))]


def _planar(rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(rows.T))[:, None, :]


@pytest.fixture(scope="module")
def config() -> ocio.Config:
    return load_config(PINNED)


@pytest.mark.parametrize(("src", "dst"), _cases())
@pytest.mark.parametrize(("how", "bound"), [("LOSSLESS", EXACT), ("DEFAULT", FAST)])
def test_it_agrees_with_opencolorio_itself(config, src: str, dst: str, how: str, bound: float):
    pixels = _code() if src in CURVED else _light()
    transform = Transform.between(src, dst, config)
    found = transform(_planar(pixels))[:, 0].numpy().T
    truth = pixels.copy()
    flags = getattr(ocio, f"OPTIMIZATION_{how}")
    config.getProcessor(src, dst).getOptimizedCPUProcessor(flags).applyRGB(truth)
    assert transform.exact == "tensor"
    assert np.isfinite(found).all()
    scale = np.maximum(np.abs(truth).max(1, keepdims=True), 1e-3)
    assert (np.abs(found - truth) / scale).max() < bound


@pytest.mark.parametrize(("src", "dst"), [("ACEScg", s) for s in (*LINEAR, *CURVED)])
def test_there_and_back_is_where_we_were(config, src: str, dst: str):
    light = _planar(np.abs(_light()).clip(0.001, 60))
    back = Transform.between(dst, src, config)(Transform.between(src, dst, config)(light))
    assert ((back - light).abs() / light.amax(0)).max() < 2e-5


@pytest.mark.parametrize("src", ["ACEScg", "lin_ap1", "scene_linear", "ACEScg "[:-1].lower()])
def test_a_space_to_itself_by_any_name_gives_the_same_tensor(config, src: str):
    pixels = torch.rand(3, 4, 4).half()
    assert Transform.between(src, "ACEScg", config)(pixels) is pixels


def test_data_is_left_alone(config):
    pixels = torch.rand(3, 4, 4)
    assert Transform.between("raw", "ACEScg", config)(pixels) is pixels


def test_what_tables_do_opencolorio_does_and_it_is_said(config):
    transform = Transform.between("ACEScg", "acescc", config)
    pixels = torch.rand(2, 3, 5, 7)
    truth = np.ascontiguousarray(pixels.movedim(1, -1).numpy())
    config.getProcessor("ACEScg", "acescc").getDefaultCPUProcessor().applyRGB(truth)
    before = pixels.clone()
    found = transform(pixels)
    assert transform.exact == "ocio"
    assert torch.equal(found, torch.from_numpy(truth).movedim(-1, 1))
    assert torch.equal(pixels, before)


@pytest.mark.parametrize("dst", ["lin_rec709", "srgb_tx", "arri_logc4", "acescc"])
def test_shape_dtype_and_input_are_kept(config, dst: str):
    transform = Transform.between("ACEScg", dst, config)
    for dtype, out in ((torch.float32, torch.float32), (torch.float16, torch.float32), (torch.float64, torch.float64)):
        pixels = torch.rand(2, 3, 5, 7).to(dtype)
        version, before = pixels._version, pixels.clone()
        found = transform(pixels)
        assert (found.shape, found.dtype) == (pixels.shape, out)
        assert pixels._version == version and torch.equal(pixels, before)


@pytest.mark.parametrize(("src", "dst"), _cases())
def test_a_pixel_alone_is_the_pixel_in_the_picture(config, src: str, dst: str):
    transform = Transform.between(src, dst, config)
    pixels = _planar(_code() if src in CURVED else _light())
    whole = transform(pixels)
    for part in (*(slice(k, 3 * k + 1) for k in range(40)), slice(3, 1000, 7)):
        assert torch.equal(transform(pixels[..., part]), whole[..., part])
    assert torch.equal(transform(pixels.reshape(3, 40, -1).mT).mT.reshape(whole.shape), whole)


def test_nan_stays_in_its_pixel(config):
    pixels = torch.rand(3, 2, 2)
    pixels[1, 0, 0] = float("nan")
    found = Transform.between("ACEScg", "srgb_tx", config)(pixels)
    assert found[:, 0, 0].isnan().all()
    assert found[:, 1].isfinite().all() and found[:, 0, 1].isfinite().all()


def test_known_numbers(config):
    grey = torch.full((3, 1, 1), 0.18)
    assert torch.allclose(Transform.between("ACEScg", "srgb_tx", config)(grey), torch.tensor(0.46135613), atol=1e-6)
    assert torch.allclose(Transform.between("ACEScg", "acescct", config)(grey), torch.tensor(0.41358840), atol=1e-6)


@pytest.mark.parametrize("shape", [(3,), (4, 5), (1, 4, 4), (4, 8, 8)])
def test_another_shape_is_refused(config, shape: tuple[int, ...]):
    with pytest.raises(BadInput, match="is needed"):
        Transform.between("ACEScg", "srgb_tx", config)(torch.zeros(shape))


def test_an_unknown_space_is_refused(config):
    with pytest.raises(UnknownColourSpace, match="nearest"):
        Transform.between("ACEScg", "sRGBx", config)


OPS = [
    ocio.MatrixTransform([2, 0.5, 0, 0, 0, 1, 0.25, 0, 0.1, 0, 3, 0, 0, 0, 0, 1], [0.1, -0.2, 0.3, 0]),
    ocio.ExponentTransform([2.2, 1.8, 0.5, 1], ocio.NEGATIVE_CLAMP),
    ocio.ExponentTransform([2.2, 1.8, 0.5, 1], ocio.NEGATIVE_MIRROR),
    ocio.ExponentTransform([2.2, 1.8, 0.5, 1], ocio.NEGATIVE_PASS_THRU),
    ocio.ExponentWithLinearTransform([2.4, 2.2, 2, 1], [0.055, 0.1, 0.02, 0], ocio.NEGATIVE_LINEAR),
    ocio.ExponentWithLinearTransform([2.4, 2.2, 2, 1], [0.055, 0.1, 0.02, 0], ocio.NEGATIVE_MIRROR),
    ocio.LogTransform(10.0),
    ocio.LogAffineTransform([0.3, 0.25, 0.2], [0.6, 0.5, 0.4], [1, 2, 3], [0.1, 0.2, 0.3]),
    ocio.LogCameraTransform([0.01, 0.02, 0.03], 10.0, [0.3, 0.25, 0.2], [0.6, 0.5, 0.4], [1, 2, 3], [0.1, 0.2, 0.3]),
    ocio.RangeTransform(0.1, 0.9, 0.1, 0.9),
]


@pytest.mark.parametrize("direction", [ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE])
@pytest.mark.parametrize("op", OPS, ids=lambda op: type(op).__name__)
def test_each_operation_alone_agrees_with_opencolorio(op, direction):
    from ff_vfx.colour.transform import _from_processor

    config = ocio.Config.CreateRaw()
    processor = config.getProcessor(op, direction)
    pixels = np.random.default_rng(2).uniform(-0.5, 1.5, (4000, 3)).astype(np.float32)
    transform = _from_processor("a", "b", processor)
    assert transform.exact == "tensor"
    found = transform(_planar(pixels))[:, 0].numpy().T
    truth = pixels.copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(truth)
    scale = np.maximum(np.abs(truth).max(1, keepdims=True), 1e-3)
    assert (np.abs(found - truth) / scale).max() < 2e-5


@pytest.mark.parametrize(
    "op",
    [
        ocio.MatrixTransform([1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
        ocio.CDLTransform([1.1, 1, 0.9], [0.1, 0, 0], [1, 1.2, 1], 0.9),
    ],
    ids=["alpha", "cdl"],
)
def test_an_operation_we_do_not_know_is_left_to_opencolorio(op):
    from ff_vfx.colour.transform import _from_processor

    transform = _from_processor("a", "b", ocio.Config.CreateRaw().getProcessor(op))
    assert transform.exact == "ocio"


@pytest.mark.parametrize("interchange", [True, False])
def test_a_shows_config_without_srgb_reaches_it_through_aces_or_says_how(tmp_path: Path, interchange: bool):
    path = tmp_path / "show.ocio"
    role = "aces_interchange: show_ap0" if interchange else ""
    path.write_text(f"""ocio_profile_version: 2.0
roles:
  default: raw
  {role}
displays:
  screen:
    - !<View> {{name: plain, colorspace: raw}}
colorspaces:
  - !<ColorSpace> {{name: raw, isdata: true}}
  - !<ColorSpace> {{name: show_ap0}}
""")
    show = load_config(str(path))
    if not interchange:
        with pytest.raises(UnknownColourSpace, match="role aces_interchange"):
            Transform.to_standard("show_ap0", "srgb_tx", show)
        return
    pixels = torch.rand(3, 8, 8)
    there = Transform.to_standard("show_ap0", "srgb_tx", show)(pixels)
    assert torch.allclose(there, Transform.between("ACES2065-1", "srgb_tx", load_config(PINNED))(pixels), atol=1e-6)
    assert torch.allclose(Transform.from_standard("srgb_tx", "show_ap0", show)(there), pixels, atol=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(("src", "dst"), _cases())
def test_the_gpu_agrees_with_the_cpu(config, src: str, dst: str):
    pixels = _planar(_code() if src in CURVED else _light())
    transform = Transform.between(src, dst, config)
    on_cpu, on_gpu = transform(pixels), transform(pixels.cuda()).cpu()
    assert ((on_gpu - on_cpu).abs() / on_cpu.abs().amax(0).clamp(min=1e-3)).max() < EXACT
