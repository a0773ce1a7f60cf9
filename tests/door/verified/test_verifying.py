"""What verify says of finished things: whole ones are never accused, and whatever was done to the others is found."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import OpenEXR
import pytest

from ff_vfx.door.credentials import label_files
from ff_vfx.door.manifests import manifest_path
from ff_vfx.door.pictures import review_movie
from ff_vfx.door.verified.verifying import verify_path
from ff_vfx.errors import BadInput, FfVfxError, TrustError
from ff_vfx.trust.consent import revoke_record
from ff_vfx.trust.content_credentials import sidecar_of
from ff_vfx.trust.signed_text import canonical, write_signed
from ff_vfx.trust.signing import SIGNATURES, signed, user_signer
from ff_vfx.types.finding import Finding
from ff_vfx.types.verification import Verification
from tests.consented import rights_manager
from tests.door.made_sequence import job_of, render, settings
from tests.plate.making import write_exr

NUMBERS = (1001, 1002, 1003)


@pytest.fixture
def made(tmp_path):
    """Three frames, the third passed; the pattern."""
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=(1003,))
    return job.output


def frame(pattern: str, number: int) -> Path:
    return Path(pattern.replace("####", str(number)))


def failed(found: Verification) -> dict[str, Finding]:
    return {one.check: one for one in found.findings if one.outcome == "failed"}


def only(found: Verification, check: str) -> Finding:
    """The one finding that is not well."""
    assert list(failed(found)) == [check] and found.exit_code == 3 and not found.intact
    return failed(found)[check]


def test_a_whole_sequence_is_intact_by_any_of_its_names(made):
    manifest = manifest_path(made)
    for name in (made, str(manifest), str(manifest.parent), str(frame(made, 1001)), made.replace("####", "%04d")):
        found = verify_path(name)
        assert found.intact and found.exit_code == 0 and failed(found) == {}, name
    page = dict(verify_path(made).told)
    assert page["what"] == (
        "a face was replaced (AI-manipulated): 2 frames, 1001-1002", "the plate, unchanged: 1 frame, 1003",
    )  # fmt: skip
    assert "consent holds, record ff-vfx-examples-s010-performer (synthetic)" in page["to whom"][0]
    assert "your own" in page["signed by"][0]
    assert verify_path(str(frame(made, 1002))).what == "frame 1002 of sequence comp.####.exr"


def test_a_sequence_that_was_copied_elsewhere_is_intact(made, tmp_path):
    shutil.copytree(Path(made).parent, tmp_path / "there")
    assert verify_path(str(tmp_path / "there")).intact


def test_missing_and_unknown_frames_are_named(made):
    shutil.copy(frame(made, 1001), frame(made, 1007))
    frame(made, 1002).unlink()
    write_exr(frame(made, 1010))
    found = failed(verify_path(made))
    assert found["missing"].frames == (1002,) and found["unknown"].frames == (1007, 1010)
    assert "comp.1007.exr is the file of frame 1001; comp.1010.exr is not in it" in found["unknown"].message


def test_frames_that_changed_places_are_said_to_have(made):
    one, other, aside = frame(made, 1001), frame(made, 1002), frame(made, 9)
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    finding = only(verify_path(made), "changed")
    assert finding.frames == (1001, 1002)
    assert "1001: comp.1001.exr is the file of frame 1002: it was moved or copied" in finding.message


def test_a_renamed_frame_is_told_from_a_strange_one(made):
    renamed = frame(made, 1001).rename(frame(made, 1077))
    found = verify_path(str(renamed))
    assert found.exit_code == 4
    assert failed(found)["changed"].message == "it is comp.1001.exr, frame 1001, under another name"
    assert "changed" not in failed(verify_path(str(write_exr(frame(made, 1078)))))


def test_an_edited_header_is_told_from_changed_pixels_and_a_short_file(made):
    path = frame(made, 1001)
    file = OpenEXR.File(str(path))
    header = {name: value for name, value in file.header().items() if name != "AIGC"}
    OpenEXR.File({**header, "ffvfx/consent": "somebody else"}, file.channels()).write(str(path))
    finding = only(verify_path(made), "changed")
    assert "its header was edited" in finding.message and "AIGC" in finding.message
    assert finding.frames == (1001,)
    second, third = frame(made, 1002), frame(made, 1003)
    second.write_bytes(second.read_bytes()[:-40])
    third.write_bytes(third.read_bytes()[:-3] + b"abc")
    found = verify_path(str(second))
    assert "truncated" in only(found, "changed").message or "damaged" in only(found, "changed").message
    assert "pixels or header were changed" in only(verify_path(str(third)), "changed").message


JUNK = (None, 5, -1.5, True, "", "x", "../x", "%d#", "\n", "9" * 70, [], {}, [[]], {"a": {"b": 1}}, "ä" * 300, 1 << 70)


def spoiled(data: object, seeded: random.Random) -> object:
    """A copy with one value, somewhere in it, that is junk; or one that is not there."""
    if isinstance(data, dict) and data and seeded.random() < 0.9:
        name = seeded.choice(sorted(data))
        if seeded.random() < 0.1:
            return {key: value for key, value in data.items() if key != name}
        return {**data, name: spoiled(data[name], seeded)}
    if isinstance(data, list) and data and seeded.random() < 0.9:
        place = seeded.randrange(len(data))
        return [spoiled(one, seeded) if index == place else one for index, one in enumerate(data)]
    return seeded.choice(JUNK)


def test_what_a_known_but_wicked_hand_signs_ends_in_words(made, tmp_path):
    """Every hash and signature in it is right; what it says is not. It may be shown or refused; nothing breaks."""
    path, by = manifest_path(made), user_signer()
    data = json.loads(path.read_text())
    data.pop(SIGNATURES)
    frame(made, 1002).write_bytes(frame(made, 1002).read_bytes()[:-9])  # so that its label is compared too
    seeded, ends = random.Random(5), {"shown": 0, "refused": 0}
    for _ in range(250):
        new = copy.deepcopy(data)
        (origin,) = new["origins"].values()
        origin["models"] = [{"name": "n", "kind": "k", "licence": "MIT", "allowed_use": "any", "sha256": "a" * 64}]
        origin = spoiled(origin, seeded) if seeded.random() < 0.7 else origin
        new["origins"] = {digest(origin): origin}
        if seeded.random() < 0.4:
            name = seeded.choice(sorted(set(new) - {"origins"}))
            new[name] = spoiled(new[name], seeded)
        for one in new["frames"] if isinstance(new.get("frames"), list) else ():
            if isinstance(one, dict):
                one["origin"] = digest(origin)
                entry = {name: value for name, value in one.items() if name != "signature"}
                told = {"domain": "ff-vfx frame 1", "pattern": new.get("pattern"), "frame": entry}
                one["signature"] = by.sign(canonical(told))
        write_signed(path, signed(new, by))
        try:
            found = verify_path(made)
        except FfVfxError:
            ends["refused"] += 1
            continue
        ends["shown" if found.believed else "refused"] += 1
        assert not found.intact
    assert min(ends.values()) > 20, ends


def digest(data: object) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()[:32]


def test_a_strangers_manifest_is_whole_and_not_believed(tmp_path, own_user):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    assert verify_path(job.output).intact
    shutil.rmtree(own_user / "config")
    finding = only(verify_path(job.output), "signer")
    assert "not known here: anybody can have made it" in finding.message and finding.frames == NUMBERS


def test_without_or_with_an_altered_manifest_nothing_is_sure(made):
    path = manifest_path(made)
    text = path.read_text()
    path.write_text(text.replace("rendered", "passed", 1))
    found = verify_path(made)
    assert not found.believed and found.exit_code == 4
    assert "is not of this content: altered or forged" in failed(found)["manifest"].message
    assert verify_path(str(frame(made, 1001))).exit_code == 4
    path.unlink()
    assert verify_path(made).exit_code == 4
    alone = verify_path(str(frame(made, 1001)))
    assert alone.exit_code == 4 and any("AI-manipulated" in line for line in dict(alone.told)["claims, unsigned"])


def test_the_plate_is_held_against_what_was_read_then(made, tmp_path):
    plate = str(tmp_path / "plate" / "plate.####.exr")
    assert verify_path(made, plate=plate).intact
    (tmp_path / "plate" / "plate.1001.exr").unlink()
    write_exr(tmp_path / "plate" / "plate.1002.exr", size=(32, 24), colorInteropID="lin_ap1_scene", owner="x")
    finding = only(verify_path(made, plate=plate), "plate")
    assert finding.frames == (1001, 1002)
    assert "1001: is not there; 1002: plate.1002.exr is another" in finding.message


def test_consent_is_asked_again_today(tmp_path, own_user):
    rights = rights_manager(tmp_path)
    still = write_exr(tmp_path / "face.exr", size=(32, 24), colorInteropID="lin_ap1_scene")
    record = rights.clear([still], subject="Jo Example", valid_until="2099-01-01")
    job = job_of(tmp_path, NUMBERS, performer=str(still))
    render(job, NUMBERS, passed=(1003,))
    assert verify_path(job.output).intact
    late = only(verify_path(job.output, today=date(2099, 2, 1)), "consent")
    assert "does not hold on 2099-02-01: Jo Example" in late.message and late.frames == (1001, 1002)
    revoke_record(record, rights.signer, datetime.now(UTC).date(), "changed his mind", record.parent)
    assert "Jo Example" in only(verify_path(job.output), "consent").message


def test_consent_is_judged_for_the_use_that_is_asked_about(tmp_path, own_user):
    rights = rights_manager(tmp_path)
    still = write_exr(tmp_path / "face.exr", size=(32, 24), colorInteropID="lin_ap1_scene")
    scope = {"projects": ["*"], "shots": ["*"], "uses": ["test"], "territories": ["worldwide"]}
    rights.clear([still], scope=scope)
    job = job_of(tmp_path, NUMBERS, performer=str(still), use="test")
    render(job, NUMBERS)
    assert verify_path(job.output).intact and verify_path(job.output, use="test").intact
    assert "trailer" in only(verify_path(job.output, use="trailer"), "consent").message


def test_what_was_made_without_consent_says_so_for_ever(tmp_path, own_user):
    still = write_exr(tmp_path / "face.exr", size=(32, 24), colorInteropID="lin_ap1_scene")
    job = job_of(tmp_path, NUMBERS, performer=str(still))
    render(job, NUMBERS, passed=(1003,))
    finding = only(verify_path(job.output), "consent")
    assert finding.frames == (1001, 1002) and "made without consent of face" in finding.message
    rights_manager(tmp_path).clear([still])
    assert "the mark is on the picture" in only(verify_path(job.output), "consent").message
    assert "none: marked" in OpenEXR.File(str(frame(job.output, 1001))).header()["ffvfx/consent"]


def test_a_consent_record_is_judged_by_itself(tmp_path, own_user):
    rights = rights_manager(tmp_path)
    still = write_exr(tmp_path / "face.exr", size=(32, 24))
    record = rights.clear([still], valid_until="2099-01-01")
    assert verify_path(str(record)).intact
    assert verify_path(str(record), today=date(2100, 1, 1)).exit_code == 3
    record.write_text(record.read_text().replace("Jo Example", "Al Example"))
    assert verify_path(str(record)).exit_code == 4


def test_credentials_of_other_files_are_found(tmp_path):
    job = job_of(tmp_path, NUMBERS, settings=settings(c2pa="frames"))
    render(job, NUMBERS)
    assert verify_path(job.output).intact
    shutil.copy(sidecar_of(frame(job.output, 1001)), sidecar_of(frame(job.output, 1002)))
    finding = only(verify_path(job.output), "c2pa")
    assert finding.frames == (1002,)


def test_a_movie_and_its_review_are_verified_whole(tmp_path):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    review, movie = tmp_path / "review.mp4", tmp_path / "out" / "comp.mov"
    review_movie(job, str(review), progress=lambda *_: None)
    render(job.model_copy(update={"output": str(movie)}), NUMBERS)
    for path in (review, movie):
        found = verify_path(str(path))
        assert found.intact and found.what == f"movie {path.name}", found.findings
        path.write_bytes(path.read_bytes() + b"\0")
        assert set(failed(verify_path(str(path)))) >= {"changed"}


def test_a_picture_by_itself_is_judged_by_its_credentials(tmp_path, own_user):
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS)
    review = tmp_path / "review.mp4"
    review_movie(job, str(review), progress=lambda *_: None)
    manifest_path(str(review)).unlink()
    assert verify_path(str(review)).exit_code == 0
    shutil.rmtree(own_user / "config")
    assert "does not know the signer" in only(verify_path(str(review)), "c2pa").message
    review.write_bytes(review.read_bytes()[:-1])
    assert verify_path(str(review)).exit_code == 4


def test_what_cannot_be_spoken_of_is_refused_in_words(tmp_path):
    with pytest.raises(BadInput, match="no such file or folder"):
        verify_path(str(tmp_path / "none.exr"))
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(BadInput, match="neither a manifest nor a consent record"):
        verify_path(str(tmp_path / "a.json"))
    assert verify_path(str(tmp_path)).exit_code == 4


def test_a_folder_with_two_sequences_asks_which(made):
    shutil.copy(manifest_path(made), Path(made).parent / "other.ffmanifest.json")
    with pytest.raises(BadInput, match="has several"):
        verify_path(str(Path(made).parent))


def test_files_are_signed_afterwards_and_once(made, tmp_path):
    signed = label_files([made], generated=False, chain="", key="")
    assert signed == [str(sidecar_of(frame(made, number))) for number in (1001, 1002)]
    assert verify_path(made).intact
    frame(made, 1001).write_bytes(b"other")
    with pytest.raises(TrustError, match="is not the file that was made"):
        label_files([made], generated=False, chain="", key="")
    with pytest.raises(BadInput, match="no such file"):
        label_files([str(tmp_path / "none.png")], generated=False, chain="", key="")
    with pytest.raises(BadInput, match="belong together"):
        label_files([made], generated=False, chain="a.pem", key="")


def test_every_flipped_bit_of_a_set_is_found_and_none_crashes(tmp_path):
    """Frames, their headers, sidecars, the manifest and its sidecar, a movie."""
    job = job_of(tmp_path, NUMBERS, settings=settings(c2pa="frames"))
    render(job, NUMBERS)
    movie = tmp_path / "out" / "comp.mp4"
    render(job.model_copy(update={"output": str(movie)}), NUMBERS)
    seeded = random.Random(2026)
    manifest, first = manifest_path(job.output), frame(job.output, 1001)
    sets = {
        job.output: [first, frame(job.output, 1002), manifest, sidecar_of(first), sidecar_of(manifest)],
        str(first): [first, manifest],
        str(movie): [movie, manifest_path(str(movie))],
    }
    counts: dict[int, int] = {}
    for name, files in sets.items():
        assert verify_path(name).intact
        for path in files:
            whole = path.read_bytes()
            for turn in range(40):
                torn = bytearray(whole)
                # Every other one in the header, where a flip changes what is read next.
                place = seeded.randrange(min(len(torn), 2500)) if turn % 2 else seeded.randrange(len(torn))
                torn[place] ^= 1 << seeded.randrange(8)
                path.write_bytes(torn)
                found = verify_path(name)
                assert not found.intact, f"{path.name}: byte {place}"
                counts[found.exit_code] = counts.get(found.exit_code, 0) + 1
            path.write_bytes(whole)
        assert verify_path(name).intact, "a clean set is not accused"
    assert sum(counts.values()) == 360 and set(counts) == {3, 4}
