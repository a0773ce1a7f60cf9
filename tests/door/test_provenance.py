"""What a render says of itself: labels in headers, entries in the manifest, credentials."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import av
import c2pa
import OpenEXR
import OpenImageIO as oiio
import pytest

from ff_vfx.door import provenance as module
from ff_vfx.door.deliverables import Deliverable
from ff_vfx.door.manifests import manifest_path, read_manifest_of
from ff_vfx.door.pictures import before_after_sheet, review_movie
from ff_vfx.door.provenance import placed, recorded
from ff_vfx.door.stamp import file_hash
from ff_vfx.door.work import made_already
from ff_vfx.errors import BadInput, TrustError, WriteRefused
from ff_vfx.trust.content_credentials import read_credentials, sidecar_of
from ff_vfx.trust.label import COMPOSITE, GENERATED
from tests.door.made_sequence import STAMP, hashes, job_of, made_plate, render, settings

NUMBERS = (1001, 1002, 1003)


def outside(path: Path) -> dict[str, str]:
    """A file's texts as OpenImageIO has them."""
    file = oiio.ImageInput.open(str(path))
    assert file is not None
    spec = file.spec()
    return {one.name: one.value for one in spec.extra_attribs if isinstance(one.value, str)}


def test_every_frame_says_what_it_is_and_an_outside_reader_agrees(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    manifest = read_manifest_of(job.output)
    for number in NUMBERS:
        said = outside(tmp_path / "out" / f"comp.{number}.exr")
        assert said["ffvfx/label"].startswith("AI-manipulated: a face was replaced")
        assert said["Iptc4xmpExt:DigitalSourceType"] == COMPOSITE
        assert GENERATED in said["ffvfx/layers.digitalSourceType"]
        aigc = json.loads(said["AIGC"])
        assert list(aigc) == [
            "Label", "ContentProducer", "ProduceID", "ReservedCode1",
            "ContentPropagator", "PropagateID", "ReservedCode2",
        ]  # fmt: skip
        assert (aigc["Label"], aigc["ProduceID"]) == ("1", f"{STAMP}-{number}")
        plate = file_hash(tmp_path / "plate" / f"plate.{number}.exr")
        assert said["ffvfx/plate"] == f"plate.{number}.exr sha256:{plate}"
        assert said["ffvfx/solve"] == f"sha256:{file_hash(Path(job.solve))}"
        assert said["ffvfx/consent"].startswith("ff-vfx-examples-s010-performer synthetic sha256:")
        assert manifest.frames[number].made.sha256 == file_hash(tmp_path / "out" / f"comp.{number}.exr")
        assert manifest.frames[number].plate.sha256 == plate
    assert manifest.origin_of(1001).clearances[0].kind == "synthetic"
    assert manifest.origin_of(1001).settings == job.settings.model_dump(mode="json")


def test_a_job_s_files_are_named_from_the_root_so_that_checks_find_them_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.png").write_bytes(b"a still of the actor")
    (tmp_path / "FILM A").mkdir()
    cast = [{"face": "me.png", "performer": "stills/eve"}, {"face": "0", "performer": "stills/finn"}]
    told = placed({"plate": "plate/a.####.exr", "project": "FILM A", "swapper": "arc", "matte": "", "cast": cast})
    here = str(tmp_path)
    assert told["plate"] == f"{here}/plate/a.####.exr" and told["project"] == "FILM A"
    assert (told["swapper"], told["matte"]) == ("arc", "")
    assert told["cast"] == [
        {"face": f"{here}/me.png", "performer": f"{here}/stills/eve"},
        {"face": "0", "performer": f"{here}/stills/finn"},
    ]


def test_the_studio_is_named_in_its_own_letters(tmp_path):
    job = job_of(tmp_path, NUMBERS, settings=settings(producer="Studio Ärger 映画"))
    render(job, (1001,))
    said = json.loads(outside(tmp_path / "out" / "comp.1001.exr")["AIGC"])
    assert said["ContentProducer"] == "Studio Ärger 映画"
    with pytest.raises(BadInput, match="producer"):
        settings(producer="two\nlines")


def test_the_face_alone_is_called_generated(tmp_path):
    job = job_of(tmp_path, NUMBERS, settings=settings(layers="face"))
    render(job, NUMBERS)
    said = outside(tmp_path / "out" / "comp.1002.exr")
    assert said["Iptc4xmpExt:DigitalSourceType"] == GENERATED and said["ffvfx/label"].startswith("AI-generated")


def test_a_frame_that_passed_is_not_called_generated(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=(1002,))
    said = outside(tmp_path / "out" / "comp.1002.exr")
    assert said["ffvfx/label"].startswith("not AI-generated here: the plate, unchanged")
    assert not {"AIGC", "Iptc4xmpExt:DigitalSourceType", "ffvfx/consent"} & set(said)
    assert read_manifest_of(job.output).frames[1002].outcome == "passed"


def test_what_the_plate_said_of_itself_is_not_lost(tmp_path):
    before = {
        "AIGC": '{"Label":"1","ContentProducer":"before"}', "ffvfx/label": "AI-manipulated: earlier",
        "ffvfx/consent": "r0", "ffvfx/earlier.consent": "r00", "owner": "studio",
    }  # fmt: skip
    made_plate(tmp_path / "plate", NUMBERS, **before)
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=(1002,))
    ours, theirs = outside(tmp_path / "out" / "comp.1001.exr"), outside(tmp_path / "out" / "comp.1002.exr")
    assert json.loads(ours["AIGC"])["ContentProducer"] == "ff-vfx", "ours wins by name"
    assert ours["ffvfx/earlier.consent"] == "r0 | r00" and ours["ffvfx/consent"].startswith("ff-vfx-examples")
    assert "before" in theirs["AIGC"] and "AI-labelled before" in theirs["ffvfx/label"]
    header = OpenEXR.File(str(tmp_path / "out" / "comp.1001.exr")).header()
    assert header["owner"] == "studio"


def test_frames_are_the_same_files_alone_in_a_range_and_again(tmp_path, own_user):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    first = hashes(tmp_path / "out")
    shutil.rmtree(own_user / "config", ignore_errors=True)  # another user, another key
    for number in reversed(NUMBERS):
        render(replace_output(job, tmp_path / "again"), (number,))
    again = hashes(tmp_path / "again")
    frames = [name for name in first if name.endswith(".exr")]
    assert len(frames) == 3 and {name: again[name] for name in frames} == {name: first[name] for name in frames}
    assert list(read_manifest_of(str(tmp_path / "again" / "comp.####.exr")).frames) == list(NUMBERS)


def replace_output(job, folder: Path):
    folder.mkdir(exist_ok=True)
    return job.model_copy(update={"output": str(folder / "comp.####.exr")})


def test_all_spellings_of_a_pattern_have_one_manifest(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, (1001,))
    for spelling in ("comp.%04d.exr", "comp.$F4.exr", "comp.@@@@.exr"):
        render(job.model_copy(update={"output": str(tmp_path / "out" / spelling)}), (1002,))
        assert list(read_manifest_of(str(tmp_path / "out" / spelling)).frames) == [1001, 1002]
    assert manifest_path("a/comp.####.exr").name == "comp.ffmanifest.json"
    assert manifest_path("a/sh_010_####.left.exr").name == "sh_010.left.ffmanifest.json"
    assert manifest_path("a/####.exr").name == "frames.ffmanifest.json"
    assert manifest_path("a/comp.mov").name == "comp.mov.ffmanifest.json"


def test_a_frame_counts_as_made_only_where_the_manifest_has_it(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    known = recorded(job.output)
    assert all(made_already(job.output, known[number], STAMP) for number in NUMBERS)
    assert not made_already(job.output, known[1001], "cd" * 16), "made from other things"
    assert not made_already(job.output, None, STAMP), "a run that was killed had not taken it down"
    path = tmp_path / "out" / "comp.1002.exr"
    shutil.copy(tmp_path / "out" / "comp.1001.exr", path)
    assert not made_already(job.output, known[1002], STAMP), "another frame's file"
    manifest_path(job.output).write_text("{}")
    assert recorded(job.output) == {}


def test_a_manifest_that_cannot_be_written_is_each_frames_fault(tmp_path, monkeypatch):
    def refused(*given: object, **named: object) -> None:
        raise TrustError("the disk is full")

    monkeypatch.setattr(module, "add_frames", refused)
    told, _ = render(job_of(tmp_path, NUMBERS), NUMBERS)
    assert {entry.outcome for entry in told.values()} == {"rendered"}
    assert told[1002].fault == "frame 1002: is not in the manifest: the disk is full"


def test_without_a_place_for_a_key_a_run_goes_on_and_says_so(tmp_path, monkeypatch):
    def refused() -> None:
        raise TrustError("no home")

    monkeypatch.setattr(module, "user_signer", refused)
    _, made = render(job_of(tmp_path, NUMBERS), NUMBERS)
    assert "nobody knows again (no home)" in made.warnings[0]
    manifest = read_manifest_of(str(tmp_path / "out" / "comp.####.exr"))
    assert [one.name for one in manifest.signatures] == ["a key of one run"]


@pytest.mark.parametrize(("asked", "sidecars"), [("none", 0), ("sequence", 1), ("frames", 3)])
def test_sidecars_are_as_many_as_were_asked_for(tmp_path, asked, sidecars):
    job = job_of(tmp_path, NUMBERS, settings=settings(c2pa=asked))
    told, made = render(job, NUMBERS, passed=(1003,))
    assert made.warnings == [] and not any(entry.fault for entry in told.values())
    assert len(list((tmp_path / "out").glob("*.c2pa"))) == sidecars
    assert not sidecar_of(tmp_path / "out" / "comp.1003.exr").exists(), "an unchanged plate is not ours to sign"
    if asked == "frames":
        found = read_credentials(tmp_path / "out" / "comp.1001.exr")
        assert found and found.state == "trusted" and found.source_types == (COMPOSITE,)
        render(job.model_copy(update={"settings": settings(c2pa="none")}), (1001,))
        assert not sidecar_of(tmp_path / "out" / "comp.1001.exr").exists(), "it spoke of another file"


def test_the_sidecar_switch_changes_no_frame(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    first = file_hash(tmp_path / "out" / "comp.1001.exr")
    render(job.model_copy(update={"settings": settings(c2pa="frames")}), NUMBERS)
    assert file_hash(tmp_path / "out" / "comp.1001.exr") == first


@pytest.mark.parametrize("ending", [".mov", ".mp4", ".mkv"])
def test_a_movie_says_what_it_is(tmp_path, ending):
    job = job_of(tmp_path, NUMBERS).model_copy(update={"output": str(tmp_path / f"out/comp{ending}")})
    told, made = render(job, NUMBERS, passed=(1002,))
    assert not any(entry.fault for entry in told.values()) and made.warnings == []
    path = Path(job.output)
    with av.open(str(path)) as movie:
        said = {name.lower(): text for name, text in movie.metadata.items()}
    assert json.loads(said["aigc"])["Label"] == "1" and said["iptc4xmpext:digitalsourcetype"] == COMPOSITE
    assert said["ffvfx/label"].startswith("AI-manipulated")
    manifest = read_manifest_of(job.output)
    assert {one.made.sha256 for one in manifest.frames.values()} == {file_hash(path)}
    assert [one.outcome for one in manifest.frames.values()] == ["rendered", "passed", "rendered"]
    assert sidecar_of(path).exists() == (ending == ".mkv")
    found = read_credentials(path)
    assert found and found.state == "trusted" and found.label["ffvfx/label"].startswith("AI-manipulated")


def test_a_review_movie_and_a_sheet_say_what_their_frames_say(tmp_path):
    job = job_of(tmp_path, NUMBERS, frames="1001-1002")
    render(job, NUMBERS)
    movie, sheet = tmp_path / "review.mp4", tmp_path / "sheet.png"
    review_movie(job, str(movie), progress=lambda *_: None)
    before_after_sheet(job, str(sheet))
    for path, kind in ((movie, "movie"), (sheet, "picture")):
        manifest = read_manifest_of(str(path))
        assert (manifest.kind, list(manifest.frames)) == (kind, [1001, 1002])
        assert manifest.origin_of(1001).clearances[0].kind == "synthetic"
        with (
            open(path, "rb") as file,
            c2pa.Reader({".mp4": "video/mp4", ".png": "image/png"}[path.suffix], file) as reader,
        ):
            assert reader.get_validation_state() == "Valid" and COMPOSITE in reader.json()
    assert json.loads(outside(sheet)["AIGC"])["Label"] == "1"


def test_of_frames_without_a_manifest_a_movie_has_credentials_alone(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    manifest_path(job.output).unlink()
    movie = tmp_path / "review.mp4"
    review_movie(job, str(movie), progress=lambda *_: None)
    assert read_credentials(movie)
    with pytest.raises(BadInput, match="no manifest"):
        read_manifest_of(str(movie))


def test_a_movie_of_unchanged_frames_alone_is_not_called_ai(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=NUMBERS)
    assert Deliverable(job.output, NUMBERS).about == {}


def test_two_sequences_that_share_a_name_do_not_share_a_manifest(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    other = job.model_copy(update={"output": str(tmp_path / "out" / "comp_####.exr")})
    told, _ = render(other, (1001,))
    assert "is the manifest of comp.####.exr; write to another" in told[1001].fault


def test_a_plate_frame_that_is_gone_has_no_hash_and_harms_nothing(tmp_path):
    found = module.hashed(tmp_path / "gone.exr")
    assert found == replace(found, file="gone.exr", sha256="", size=-1)


def test_credentials_are_given_whole_or_not_at_all(tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    statement = module.Statement("ff-vfx", "0", COMPOSITE, {})
    with pytest.raises((TrustError, WriteRefused), match="broken.png"):
        module.give_credentials(path, statement)
    assert path.read_bytes() == b"no picture" and len(list(tmp_path.iterdir())) == 1
