"""A job's pack at the door: looked at before anything is loaded, never looked for on the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from ff_vfx import door
from ff_vfx.door.networks.recognise import detection_key, models_of, open_pack
from ff_vfx.errors import ModelError
from tests.contract.offline import cut_off
from tests.contract.pack import write_pack


@pytest.fixture(autouse=True)
def cut_network(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(monkeypatch)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack") / "buffalo_l")


def _job(plate: Path, **more: object):
    return door.make_job({"plate": str(plate / "plate.####.exr"), **more})


def test_without_a_pack_nothing_is_opened_and_the_key_is_empty(example_shot: Path):
    assert open_pack(_job(example_shot)) is None and detection_key(_job(example_shot)) == ""


def test_a_pack_brings_detector_recogniser_and_landmarks(example_shot: Path, pack: Path):
    chosen = models_of(_job(example_shot, pack=str(pack)))
    assert chosen.detector is not None and chosen.recogniser is not None
    assert [chosen.detector.manifest.name, chosen.recogniser.manifest.name] == ["det_10g", "w600k_r50"]
    assert len(chosen.landmarks) == 2 and len(detection_key(_job(example_shot, pack=str(pack)))) == 16


def test_a_folder_that_is_not_there_is_our_message(example_shot: Path, tmp_path: Path):
    job = _job(example_shot, pack=str(tmp_path / "buffalo_l"), solve=str(tmp_path / "s.json"))
    with pytest.raises(ModelError, match="no such folder; give the folder of an unpacked pack"):
        open_pack(job)
    report = door.track(job)
    assert report.exit_code == 2 and "buffalo_l: no such folder" in report.faults[0]
    assert not (tmp_path / "s.json").exists()


def test_a_shot_is_tracked_by_a_pack_with_the_network_cut(
    models_dir: str, shared_data: Path, example_shot: Path, pack: Path, tmp_path: Path
):
    job = _job(example_shot, pack=str(pack), solve=str(tmp_path / "s.json"), models=models_dir)
    quick = {"track": {"crop_variants": 1, "detector_px": 320}}
    report = door.track(door.make_job({**job.model_dump(exclude={"settings"}), "settings": quick}))
    assert report.exit_code == 0, report.faults
    assert report.decisions["tracks"] == ["face0"] and report.decisions["cuts"] == []
    text = (tmp_path / "s.json").read_text()
    assert '"detector": "det_10g ' in text and '"recogniser": "w600k_r50 ' in text
