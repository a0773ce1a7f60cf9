"""Tests of quality control at the door: the example shot passes, and faults planted in copies are found in place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import torch

from ff_vfx import door
from ff_vfx.door.pictures import shown
from ff_vfx.errors import BadInput
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.plate import open_plate, write_movie
from ff_vfx.types.qc_job import QcJob
from tests.contract.models import mobile_face_net

Fault = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # (3, h, w) picture, (1, h, w) coverage -> the picture


def gain(stops: float, channels: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Fault:
    factor = 2.0 ** (stops * torch.tensor(channels)[:, None, None])
    return lambda picture, coverage: picture * (1.0 - coverage) + picture * factor * coverage


def smear(sigma: float, x: slice, y: slice) -> Fault:
    def plant(picture, coverage):
        out = picture.clone()
        out[:, y, x] = gaussian(picture, sigma)[:, y, x]
        return out

    return plant


def shifted(px: float) -> Fault:
    def plant(picture, coverage):
        moved = sample(picture, pixel_grid(*picture.shape[1:]) + torch.tensor([px, 0.0]))
        return picture * (1.0 - coverage) + moved * coverage

    return plant


@pytest.fixture
def planted(rendered_example: Path, tmp_path: Path) -> Callable[..., str]:
    """Copies some frames of the fused example shot and changes its picture where the matte is; gives the pattern."""

    def plant(faults: Mapping[int, Fault], frames: Iterable[int]) -> str:
        for number in frames:
            copy = tmp_path / f"comp.{number}.exr"
            shutil.copyfile(rendered_example / f"comp.{number}.exr", copy)
            if number in faults:
                change(copy, faults[number])
        return str(tmp_path / "comp.####.exr")

    return plant


def change(path: Path, fault: Fault) -> None:
    """Change a frame's R, G, B under its matte; all else stays."""
    file = OpenEXR.File(str(path), separate_channels=True)
    channels = file.parts[0].channels
    picture = torch.from_numpy(np.stack([channels[name].pixels.astype(np.float32) for name in "RGB"]))
    coverage = torch.from_numpy(channels["ffMatte.red"].pixels.astype(np.float32))[None]
    made = fault(picture, coverage)
    for index, name in enumerate("RGB"):
        old = channels[name].pixels
        new = made[index].numpy().astype(old.dtype)
        channels[name].pixels = np.ascontiguousarray(np.where(coverage[0].numpy() > 0.0, new, old))
    file.write(str(path))


def face_only(path: Path, target: Path) -> None:
    """Write a frame's face alone, as `--layers face` does: premultiplied, in a small window."""
    file = OpenEXR.File(str(path), separate_channels=True)
    planes = {name: channel.pixels for name, channel in file.parts[0].channels.items()}
    there = [np.flatnonzero((planes["ffMatte.red"] > 0).any(axis)) for axis in (1, 0)]
    rows, columns = (slice(int(where[0]), int(where[-1]) + 1) for where in there)
    kept = {name: planes[f"ffFace.{name}"] for name in "RGBA"}
    kept |= {name: plane for name, plane in planes.items() if name.startswith(("ffMatte.", "ffRaw."))}
    header = {name: value for name, value in file.header().items() if name not in ("channels", "name")}
    corner = (columns.start, rows.start), (columns.stop - 1, rows.stop - 1)
    header["dataWindow"] = tuple(np.array(point, np.int32) for point in corner)
    OpenEXR.File(header, {n: np.ascontiguousarray(p[rows, columns]) for n, p in kept.items()}).write(str(target))


@pytest.fixture
def job(example_shot: Path, example_solve: Path) -> Callable[..., QcJob]:
    def make(output: str, **more: str) -> QcJob:
        plate = str(example_shot / "plate.####.exr")
        return QcJob(**{"output": output, "plate": plate, "solve": str(example_solve), **more})

    return make


def failed(report) -> dict[str, tuple[int, ...]]:
    assert report.faults == ()
    return {finding.check: finding.frames for finding in report.findings if finding.outcome == "failed"}


def outcomes(report) -> dict[str, str]:
    return {finding.check: finding.outcome for finding in report.findings}


def test_the_example_shot_passes_and_its_manifest_says_all_that_is_needed(rendered_example):
    report = door.judge(QcJob(output=str(rendered_example / "comp.####.exr")))
    assert failed(report) == {}
    assert (report.exit_code, report.numbers) == (0, tuple(range(1001, 1017)))
    assert {check for check, outcome in outcomes(report).items() if outcome == "skipped"} == {"identity", "previous"}
    assert report.job.plate.endswith("plate.####.exr") and report.job.solve.endswith(".json")


def test_planted_faults_are_found_on_their_frames_and_on_no_other(planted, job):
    window = smear(1.2, slice(230, 300), slice(270, 340))
    faults = {n: gain(0.03 * (-1) ** n) for n in range(1002, 1006)}  # flicker
    faults |= {1009: shifted(0.8), 1011: window, 1012: window}
    faults |= {n: gain(0.06, (1.0, 0.0, 0.0)) for n in range(1014, 1017)}  # a colour that jumps and stays
    found = failed(door.judge(job(planted(faults, range(1001, 1017)))))
    assert found == {
        "flicker": (1002, 1003, 1004, 1005),
        "slip": (1009,),
        "smear": (1011, 1012),
        "colour-jump": (1014,),
    }


def test_a_planted_pop_is_found_on_its_frame_alone(planted, job):
    assert failed(door.judge(job(planted({1007: gain(0.05)}, range(1005, 1010))))) == {"pop": (1007,)}


def test_a_frame_that_is_missing_or_broken_is_a_finding_and_the_others_go_on(planted, job, tmp_path):
    pattern = planted({}, range(1004, 1008))
    (tmp_path / "comp.1005.exr").unlink()
    broken = tmp_path / "comp.1006.exr"
    broken.write_bytes(broken.read_bytes()[:40_000])
    report = door.judge(job(pattern))
    assert failed(report) == {"frames": (1005, 1006)}
    assert report.exit_code == 5
    sharp = next(curve for curve in report.curves if curve.check == "sharpness")
    assert set(sharp.values) == {1004, 1007}


def test_an_interrupt_leaves_a_report_of_what_was_seen(planted, job):
    def stop(stage, done, total):
        if done == 2:
            raise KeyboardInterrupt

    report = door.judge(job(planted({}, (1004, 1005, 1006))), progress=stop)
    assert (report.exit_code, report.numbers) == (130, (1004, 1005))


def test_pixels_that_are_nobodys_are_found(planted, job):
    def nan_and_dark(picture, coverage):
        out = picture.clone()
        out[:, 300, 250] = torch.nan
        out[:, 310, 250] = -2.0
        return out

    report = door.judge(job(planted({1005: nan_and_dark}, (1004, 1005))))
    assert failed(report) == {"finite": (1005,), "negatives": (1005,)}


def test_a_pixel_changed_outside_the_matte_is_found(planted, job, tmp_path):
    pattern = planted({}, (1004, 1005))
    file = OpenEXR.File(str(tmp_path / "comp.1005.exr"), separate_channels=True)
    channels = file.parts[0].channels
    assert channels["ffMatte.red"].pixels[500, 5] == 0.0
    channels["G"].pixels[500, 5] += np.float16(0.01)
    file.write(str(tmp_path / "comp.1005.exr"))
    assert failed(door.judge(job(pattern))) == {"plate-untouched": (1005,)}


def test_named_waivers_let_pass_what_they_name_until_they_run_out(planted, job, tmp_path):
    pattern = planted({1006: gain(0.05)}, range(1005, 1008))
    waivers = tmp_path / "waivers.json"
    row = {"check": "pop", "frames": "1006", "who": "Ada L.", "why": "a flash in the script", "until": "2026-12-24"}
    waivers.write_text(json.dumps({"waivers": [row]}))
    before = door.judge(job(pattern, waivers=str(waivers), today="2026-12-24"))
    after = door.judge(job(pattern, waivers=str(waivers), today="2026-12-25"))
    assert (outcomes(before)["pop"], before.exit_code) == ("waived", 0)
    assert (outcomes(after)["pop"], after.exit_code) == ("failed", 5)


def test_limits_of_ones_own_are_held(planted, job, tmp_path):
    limits = tmp_path / "limits.json"
    limits.write_text('{"tone_stops": 0.2}')
    pattern = planted({1006: gain(0.05)}, range(1005, 1008))
    assert failed(door.judge(job(pattern, limits=str(limits)))) == {}


def test_an_earlier_version_is_compared(planted, job, rendered_example):
    pattern = planted({1005: gain(0.3)}, (1004, 1005))
    report = door.judge(job(pattern, previous=str(rendered_example / "comp.####.exr")))
    curves = {curve.words: curve.values for curve in report.curves if curve.check == "previous"}
    assert curves["FLIP to the previous version"][1004] == 0.0 < curves["FLIP to the previous version"][1005]
    assert curves["SSIM to the previous version"][1004] == pytest.approx(1.0)


def test_face_layers_alone_are_judged_over_their_plate_as_the_whole_picture_is(planted, job, tmp_path):
    whole = planted({}, (1004, 1005))
    alone = tmp_path / "alone"
    alone.mkdir()
    for number in (1004, 1005):
        face_only(tmp_path / f"comp.{number}.exr", alone / f"comp.{number}.exr")
    reports = [door.judge(job(pattern)) for pattern in (whole, str(alone / "comp.####.exr"))]
    assert [failed(report) for report in reports] == [{}, {}]
    sharp = [next(c.values for c in report.curves if c.check == "sharpness") for report in reports]
    assert sharp[0] == pytest.approx(sharp[1], rel=0.01)


def test_a_movie_is_judged_as_far_as_it_holds_what_is_needed(job, rendered_example, tmp_path):
    made = open_plate(str(rendered_example / "comp.####.exr"), colour_space="ACEScg")
    movie = tmp_path / "comp.mov"
    write_movie((shown(made.read(number)) for number in (1001, 1002, 1003)), movie, rate=made.rate, codec="prores")
    report = door.judge(job(str(movie)))
    assert report.numbers == (1001, 1002, 1003)
    assert {outcomes(report)[check] for check in ("plate-untouched", "matte-range", "matte-cut")} == {"skipped"}
    assert outcomes(report)["flicker"] == outcomes(report)["colour-jump"] == "passed"


def test_without_a_solve_the_track_is_skipped_and_the_rest_is_judged(planted, example_shot):
    pattern = planted({}, (1004, 1005, 1006))
    report = door.judge(QcJob(output=pattern, plate=str(example_shot / "plate.####.exr")))
    assert (outcomes(report)["track"], outcomes(report)["pop"]) == ("skipped", "passed")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plate": ""}, "name it with --plate"),
        ({"limits": "no.json"}, "no.json"),
        ({"today": "soon"}, "2026-11-21"),
        ({"frames": "1-3"}, "outside"),
    ],
)
def test_what_cannot_be_judged_says_what_is_missing(planted, job, changes, words):
    report = door.judge(job(planted({}, (1004,)), **changes))
    assert report.exit_code == 2 and words in report.faults[0]


def test_the_page_shows_the_worst_frames_and_both_versions(planted, job, rendered_example, tmp_path):
    pattern = planted({1006: gain(0.05)}, range(1005, 1008))
    report = door.judge(job(pattern, previous=str(rendered_example / "comp.####.exr")))
    page = tmp_path / "made" / "qc.html"
    door.write_qc_page(report, str(page))
    text = page.read_text()
    assert "Frame 1006: one-frame pop 0.0" in text and text.count('<div data-frame="') == 3
    assert text.count("<figure>") == 4
    with pytest.raises(BadInput, match="ends in .html"):
        door.write_qc_page(report, str(tmp_path / "qc.exr"))


def test_who_it_is_is_scored_where_a_recogniser_is_there(planted, job, example_shot, models_dir, shared_data, tmp_path):
    models = tmp_path / "models"
    shutil.copytree(models_dir, models)
    file, manifest = mobile_face_net()
    shutil.copyfile(file, models / manifest.file)
    (models / f"{manifest.name}.json").write_text(manifest.as_json())
    asked = {"recogniser": manifest.name, "performer": str(example_shot / "performer"), "models": str(models)}
    report = door.judge(job(planted({}, (1004, 1005)), **asked))
    (likeness,) = [curve.values for curve in report.curves if curve.check == "identity"]
    assert set(likeness) == {1004, 1005} and min(likeness.values()) > 0.3
    assert outcomes(report)["identity"] == "passed"
