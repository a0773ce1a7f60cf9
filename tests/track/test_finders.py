"""Whoever finds faces: real networks of each layout on real and made pictures, and made-up outputs of known meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ff_vfx.engine import Manifest, open_engine
from ff_vfx.errors import ModelError
from ff_vfx.track import Detectors, detect_faces, track_plate
from ff_vfx.track.decode import by_width, decoder_of
from ff_vfx.track.finders import Finder, Found, NetworkFinder
from ff_vfx.track.search import Pass, passes, search
from ff_vfx.track.witness import FinderWitness, disagreement
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings
from tests.contract.models import retinaface, ultraface, yunet
from tests.track.shots import DATA, MemoryPlate, frame_of, grey, paste, picture_of, read_srgb

QUICK = TrackSettings(crop_variants=2)
REAL = {"yunet": yunet, "retinaface": retinaface, "ultraface": ultraface}


def _finder(of: Callable[[], tuple[Path, Manifest]], side_px: int = 640) -> NetworkFinder:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    file, manifest = of()
    if not file.is_file():
        pytest.skip(f"needs {file}")
    return NetworkFinder(open_engine(manifest, file), side_px)


@pytest.fixture(scope="module")
def nasa(shots: Path) -> Frame:
    return read_srgb(DATA / "photos" / "astronaut_nasa_512.png")


@pytest.fixture(scope="module", params=sorted(REAL))
def finder(request: pytest.FixtureRequest) -> NetworkFinder:
    return _finder(REAL[request.param])


@pytest.fixture(scope="module")
def small_yunet() -> NetworkFinder:
    return _finder(yunet, 320)


def test_each_finds_the_face_where_the_embedded_one_does(engines: Detectors, finder: NetworkFinder, nasa: Frame):
    frames = [nasa, frame_of(picture_of("s010", 1001)), frame_of(picture_of("s020", 1001))]
    for frame in frames:
        (usual,) = detect_faces(frame, engines, QUICK)
        (found,) = detect_faces(frame, replace(engines, finder=finder), QUICK)
        assert np.abs(found.landmarks[:, :2] - usual.landmarks[:, :2]).mean() < 0.2


def test_nobody_is_found_where_nobody_is(finder: NetworkFinder, engines: Detectors):
    rng = np.random.default_rng(3)
    noise = frame_of(rng.random((200, 300, 3)).astype(np.float32))
    assert detect_faces(noise, replace(engines, finder=finder), QUICK) == []


def test_its_points_and_the_meshs_agree_and_on_a_false_face_they_do_not(
    engines: Detectors, small_yunet: NetworkFinder, nasa: Frame
):
    (face,) = detect_faces(nasa, engines, QUICK)
    for finder in (engines.searcher, small_yunet):
        assert disagreement(nasa, face, FinderWitness(finder)) < 0.1
    beside = replace(
        face,
        landmarks=face.landmarks + (25.0, 0, 0),
        crop_to_plate=face.crop_to_plate + [[0, 0, 25.0], [0] * 3, [0] * 3],
    )
    assert disagreement(nasa, beside, FinderWitness(small_yunet)) > 0.3
    assert np.isnan(disagreement(frame_of(grey(512, 512)), face, FinderWitness(small_yunet)))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_camera_on_its_side_or_head_is_searched_turned(
    engines: Detectors, small_yunet: NetworkFinder, nasa: Frame, turns: int
):
    turned = replace(nasa, pixels=torch.rot90(nasa.pixels, turns, (1, 2)).contiguous())
    (found,) = detect_faces(turned, replace(engines, finder=small_yunet), QUICK)
    (upright,) = detect_faces(nasa, engines, QUICK)
    x, y = upright.landmarks[:, 0] - 256.0, upright.landmarks[:, 1] - 256.0
    for _ in range(turns):
        x, y = y, -x
    assert np.hypot(found.landmarks[:, 0] - 256.0 - x, found.landmarks[:, 1] - 256.0 - y).mean() < 1.0


def test_small_faces_are_found_in_tiles_and_only_where_tiles_are_allowed(
    engines: Detectors, small_yunet: NetworkFinder, nasa: Frame
):
    canvas = paste(grey(1300, 2200), nasa.pixels.permute(1, 2, 0).numpy(), 1700.0, 1000.0, 0.25)
    frame, brought = frame_of(canvas), replace(engines, finder=small_yunet)
    never = QUICK.model_copy(update={"tiles": "never"})
    assert detect_faces(frame, brought, never) == []
    (face,) = detect_faces(frame, brought, QUICK)
    assert np.hypot(face.landmarks[4, 0] - 1756.0, face.landmarks[4, 1] - 1031.0) < 8.0


def test_pixels_that_are_not_square_are_shown_square(engines: Detectors, small_yunet: NetworkFinder, nasa: Frame):
    squeezed = nasa.pixels[:, :, ::2].contiguous()
    frame = replace(frame_of(squeezed.permute(1, 2, 0).numpy(), aspect=2.0), colour_space=nasa.colour_space)
    (face,) = detect_faces(frame, replace(engines, finder=small_yunet), QUICK)
    (usual,) = detect_faces(nasa, engines, QUICK)
    assert np.abs(face.landmarks[:, 0] * 2.0 - usual.landmarks[:, 0]).mean() < 2.0


def test_the_embedded_one_searches_as_it_always_did(engines: Detectors):
    assert passes(engines.searcher) == (Pass(), Pass(percentile=85.0), Pass(fine=True))


def test_a_shot_is_followed_and_says_who_found_its_faces(engines: Detectors, small_yunet: NetworkFinder, shots: Path):
    frames = {n: (lambda n=n: picture_of("s010", n)) for n in (1001, 1002, 1003)}  # type: ignore[misc]
    brought = replace(engines, finder=small_yunet, key="abc", made_with=(("detector", "yunet 1234"),))
    solve = track_plate(MemoryPlate(frames, (512, 512)), QUICK, brought)
    plain = track_plate(MemoryPlate(frames, (512, 512)), QUICK, engines)
    assert solve.tracks[0].status == ("tracked",) * 3
    assert dict(solve.made_with)["detector"] == "yunet 1234" and "detector" not in dict(plain.made_with)
    assert solve.settings_key != plain.settings_key


class Breaks:
    """A finder that fails on some of its calls, else sees what the embedded one does."""

    def __init__(self, finder: Finder, calls: range) -> None:
        self.finder, self.calls, self.asked = finder, calls, 0
        self.side_px, self.smallest_tile, self.coarse = finder.side_px, finder.smallest_tile, 1
        self.turns: tuple[float, ...] = ()
        self.gives_points = True

    def find(self, picture: torch.Tensor, least: float) -> list[Found]:
        self.asked += 1
        if self.asked in self.calls:
            raise ModelError("model breaks: out of memory")
        return self.finder.find(picture, least)


def test_a_frame_that_a_network_fails_on_is_missed_and_the_shot_goes_on(engines: Detectors, shots: Path):
    frames = {n: (lambda n=n: picture_of("s010", n)) for n in range(1001, 1016)}  # type: ignore[misc]
    breaks = Breaks(engines.searcher, range(2, 3))
    solve = track_plate(MemoryPlate(frames, (512, 512)), QUICK, replace(engines, finder=breaks))
    (track,) = solve.tracks
    (row,) = [k for k, status in enumerate(track.status) if status == "held"]
    assert "out of memory" in track.reasons[row] and f"frame {1001 + row}" in track.reasons[row]


def test_a_network_that_never_works_stops_the_pass(engines: Detectors, shots: Path):
    frames = {n: (lambda n=n: picture_of("s010", n)) for n in (1001, 1002)}  # type: ignore[misc]
    breaks = Breaks(engines.searcher, range(1, 99))
    with pytest.raises(ModelError, match="out of memory"):
        track_plate(MemoryPlate(frames, (512, 512)), QUICK, replace(engines, finder=breaks))


class Says:
    """Answers with the arrays it was made with; its outputs are named by their order."""

    def __init__(self, arrays: list[np.ndarray], size: tuple[int, int] = (64, 64)) -> None:
        outputs = tuple(TensorSpec(str(k), (None, array.shape[-1]), "flat") for k, array in enumerate(arrays))
        picture = TensorSpec("input", (1, 3, *size), "nchw", 0.0, 1.0, "srgb", "rgb")
        self.spec = EngineSpec("says", "face_detector", (picture,), outputs)
        self.given = {str(k): array for k, array in enumerate(arrays)}

    def run(self, inputs: object) -> dict[str, np.ndarray]:
        return self.given


def _scrfd_outputs(strides: tuple[int, ...], anchors: int, points: bool, at: tuple[int, int, int]) -> list[np.ndarray]:
    """One face of 24 x 32 px at a cell (level, row, column) of a 64 px picture, else nothing; in SCRFD's order."""
    scores, boxes, spots = [], [], []
    for level, stride in enumerate(strides):
        cells = -(-64 // stride)
        score, box = np.zeros((cells * cells * anchors, 1), np.float32), np.zeros((cells * cells * anchors, 4), "f4")
        spot = np.zeros((cells * cells * anchors, 10), np.float32)
        if level == at[0]:
            row = (at[1] * cells + at[2]) * anchors + anchors - 1
            score[row], box[row] = 0.9, np.array([12, 16, 12, 16]) / stride
            spot[row] = np.array([-6, -4, 6, -4, 0, 2, -5, 8, 5, 8]) / stride
        scores.append(score), boxes.append(box), spots.append(spot)
    return scores + boxes + (spots if points else [])


@pytest.mark.parametrize(
    ("strides", "anchors", "points"),
    [
        ((8, 16, 32), 2, True),
        ((8, 16, 32), 2, False),
        ((8, 16, 32, 64, 128), 1, True),
        ((8, 16, 32, 64, 128), 1, False),
    ],
)
def test_scrfds_distances_are_counted_from_the_cells_corner(strides, anchors, points):
    (found,) = NetworkFinder(Says(_scrfd_outputs(strides, anchors, points, (1, 2, 1))), 640).find(
        torch.zeros(3, 64, 64), 0.5
    )
    assert np.allclose(found.middle * 64, (16, 32)) and found.side > 0 and abs(found.score - 0.9) < 1e-6
    if points:
        assert found.points is not None and found.angle == 0.0
        assert np.allclose(found.points * 64, np.array([[10, 28], [22, 28], [16, 34], [11, 40], [21, 40]]))
    else:
        assert found.points is None


def test_the_order_of_a_manifests_outputs_does_not_matter():
    arrays = _scrfd_outputs((8, 16, 32), 2, True, (0, 3, 5))
    first = NetworkFinder(Says(arrays), 64).find(torch.zeros(3, 64, 64), 0.5)
    again = NetworkFinder(Says(arrays[::-1]), 64).find(torch.zeros(3, 64, 64), 0.5)
    assert np.array_equal(first[0].middle, again[0].middle) and first[0].score == again[0].score


def test_boxes_that_are_not_finite_or_inside_out_are_dropped():
    arrays = _scrfd_outputs((8, 16, 32), 2, True, (0, 3, 5))
    arrays[0][:4] = 0.95
    arrays[3][0] = np.nan
    arrays[3][1] = -5.0
    arrays[6][2] = np.inf
    arrays[3][2:4] = 1.0
    found = NetworkFinder(Says(arrays), 64).find(torch.zeros(3, 64, 64), 0.5)
    assert len(found) == 2


def test_a_layout_that_nobody_knows_is_told_with_those_that_are():
    with pytest.raises(ModelError, match=r"2 outputs of widths \[3, 7\] is not known; use one in the layout of SCRFD"):
        NetworkFinder(Says([np.zeros((4, 3)), np.zeros((4, 7))]), 640)
    engine = Says(_scrfd_outputs((8, 16, 32), 2, True, (0, 0, 0)))
    engine.spec = replace(engine.spec, kind="swapper")
    with pytest.raises(ModelError, match="of kind 'swapper'"):
        NetworkFinder(engine, 640)


def test_rows_that_do_not_fit_the_picture_are_told():
    arrays = _scrfd_outputs((8, 16, 32), 2, True, (0, 0, 0))
    arrays[0], arrays[3], arrays[6] = arrays[0][:-1], arrays[3][:-1], arrays[6][:-1]
    with pytest.raises(ModelError, match="127 rows at stride 8; a multiple of 64 is needed"):
        NetworkFinder(Says(arrays), 64).find(torch.zeros(3, 64, 64), 0.5)


def test_probabilities_and_what_comes_before_a_softmax_are_read_alike():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    for classes in (probabilities, np.log(probabilities)):
        spec = Says([classes, np.array([[0.1, 0.2, 0.5, 0.6]] * 2)]).spec
        boxes = decoder_of(spec)(by_width(spec, {"0": classes, "1": np.full((2, 4), 0.5)}), (240, 320))
        assert np.allclose(boxes.scores, [0.1, 0.8]) and np.allclose(boxes.corners[0], [160, 120, 160, 120])


def test_a_finders_picture_follows_the_setting_in_multiples(small_yunet: NetworkFinder):
    assert small_yunet.side_px == 320
    assert _finder(yunet, 500).side_px == 480


def test_always_searches_the_tiles_at_once(small_yunet: NetworkFinder, nasa: Frame):
    canvas = paste(grey(700, 1400), nasa.pixels.permute(1, 2, 0).numpy(), 20.0, 20.0, 1.0)
    frame = frame_of(paste(canvas, nasa.pixels.permute(1, 2, 0).numpy(), 1200.0, 500.0, 0.12))
    for tiles, expected in (("auto", 0), ("always", 1)):
        found = search(frame, small_yunet, QUICK.model_copy(update={"tiles": tiles}), Pass())
        assert sum(box.score > 0.7 and box.centre[0] > 1000.0 for box in found) == expected
