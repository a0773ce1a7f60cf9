"""Who is not cleared is marked: on disk, in movies, in hosts; and nothing but a consent takes the mark away."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin

import numpy as np
import OpenEXR
import pytest
from pydantic import BaseModel

import ff_vfx
from ff_vfx import door
from ff_vfx.composite.mark import MARKED, Mark
from ff_vfx.door import consent
from ff_vfx.door.cast import Member, roles_of
from ff_vfx.door.consent import Watched, ask, clear, cleared_key, cleared_told, every, marked, missing_line
from ff_vfx.door.hosts.remembered import Pictures
from ff_vfx.door.hosts.session import Session
from ff_vfx.errors import BadInput, TrustError
from ff_vfx.plate import open_plate
from ff_vfx.trust.consent import revoke_record, user_records
from ff_vfx.types.settings import Settings
from tests.consented import RightsManager, rights_manager
from tests.contract.swappers import INSWAPPER, Family, write_swapper
from tests.door.hosts.test_session import asked, block
from tests.synthetic import AS_IT_IS

PACKAGE = Path(ff_vfx.__file__).parent
SMALL = {"fuse": {"crop_px": 128}, "steady": {"window": 0}, "composite": {"matte_window": 0}}


@pytest.fixture
def stranger(example_shot: Path, tmp_path: Path) -> Path:
    """The example's performer in pictures that no record knows: a byte more behind the picture."""
    folder = tmp_path / "jo"
    folder.mkdir()
    still = folder / "still_0.exr"
    still.write_bytes((example_shot / "performer" / "still_0.exr").read_bytes() + b"\0")
    return folder


@pytest.fixture
def manager(own_user: Path, tmp_path: Path) -> RightsManager:
    return rights_manager(tmp_path / "rights")


@pytest.fixture
def job(models_dir: str, example_shot: Path, example_solve: Path, stranger: Path, tmp_path: Path) -> dict[str, object]:
    return {
        "plate": str(example_shot / "plate.####.exr"), "performer": str(stranger), "solve": str(example_solve),
        "output": str(tmp_path / "out" / "comp.####.exr"), "frames": "1005", "models": models_dir, "settings": SMALL,
    }  # fmt: skip


def pixels(path: Path, *names: str) -> np.ndarray:
    channels = OpenEXR.File(str(path), separate_channels=True).parts[0].channels
    return np.stack([channels[name].pixels for name in names]).astype(np.float32)


def header(path: Path) -> dict[str, Any]:
    return dict(OpenEXR.File(str(path)).parts[0].header)


def render(job: dict[str, object], **changes: object) -> tuple[Path, Any]:
    report = door.render(door.make_job({**job, **changes}))
    assert report.exit_code == 0, report.faults or report.failed
    return Path(str({**job, **changes}["output"]).replace("####", "1005")), report


@pytest.mark.models
def test_a_frame_is_marked_until_a_consent_clears_it_and_again_when_it_is_revoked(
    manager: RightsManager, job: dict[str, object], stranger: Path, example_shot: Path, tmp_path: Path
):
    free, told = render(
        job, performer=str(example_shot / "performer" / "still_0.exr"), output=str(tmp_path / "free.####.exr")
    )
    assert MARKED not in header(free) and "warnings" not in told.decisions

    path, report = render(job)
    assert header(path)[MARKED] == "no consent" and report.frames[0].decisions["marked"] == "jo / plate.####.exr"
    (warning,) = report.decisions["warnings"]
    assert "no consent on file for jo" in warning and "his face is marked" in warning and "consent new" in warning
    (standing,) = report.decisions["consent"]
    assert standing["performer"] == "jo" and not standing["cleared"]
    shown, clean, plate = (pixels(one, *"RGB") for one in (path, free, example_shot / "plate.1005.exr"))
    matte = pixels(path, "ffMatte.red")[0]
    assert np.array_equal(matte, pixels(free, "ffMatte.red")[0])
    assert np.array_equal(shown[:, matte == 0], plate[:, matte == 0]), "law 1"
    core = matte == 1.0
    assert np.abs(shown - clean)[:, core].max(0).mean() > 0.1
    for layer in ("ffFace", "ffRaw"):
        names = [f"{layer}.{c}" for c in "RGB"]
        assert not np.array_equal(pixels(path, *names), pixels(free, *names))
    for name in ("ffSt.u", "ffSt.v", "ffMatte.green", "ffRaw.A", "ffFace.A"):
        assert np.array_equal(pixels(path, name), pixels(free, name)), name

    again = door.render(door.make_job(job))
    assert [entry.outcome for entry in again.frames] == ["skipped"]
    record = manager.clear([stranger / "still_0.exr"], subject="jo")
    _, cleared = render(job)
    assert [entry.outcome for entry in cleared.frames] == ["rendered"] and "warnings" not in cleared.decisions
    assert np.array_equal(pixels(path, *"RGB"), clean) and MARKED not in header(path)

    revoke_record(record, manager.signer, date(2026, 1, 1), "", user_records())
    _, revoked = render(job)
    assert [entry.outcome for entry in revoked.frames] == ["rendered"]
    assert np.array_equal(pixels(path, *"RGB"), shown) and "was revoked" in revoked.decisions["warnings"][0]


@pytest.mark.models
def test_a_host_is_shown_the_same_mark_in_every_layer_and_at_once_another_when_consent_comes_and_goes(
    manager: RightsManager, job: dict[str, object], stranger: Path, monkeypatch: pytest.MonkeyPatch
):
    path, _ = render(job)
    now = [0.0]
    monkeypatch.setattr(consent.time, "monotonic", lambda: now[0])
    session = Session({"job": {k: v for k, v in job.items() if k not in ("output", "frames")}}, Pictures(1 << 28))
    assert "NO CONSENT" in session.facts().text and "no consent on file for jo" in session.facts().text
    size, written = (512, 512), {name: pixels(path, *names) for name, names in LAYERS.items()}

    def shown(layer: str) -> np.ndarray:
        now[0] += 2.0
        return asked(session, 1005, layer, target=block(size))[::-1, :, :3].transpose(2, 0, 1)

    for layer in ("result", "face", "raw"):
        assert np.array_equal(shown(layer).astype(np.float16), written[layer].astype(np.float16)), layer
    before, stamp = shown("result"), session.facts().stamp
    record = manager.clear([stranger / "still_0.exr"], subject="jo")
    clean = shown("result")
    assert not np.array_equal(clean, before) and session.facts().stamp != stamp
    assert "NO CONSENT" not in session.facts().text
    notice = revoke_record(record, manager.signer, date(2026, 1, 1), "", user_records())
    assert np.array_equal(shown("result"), before) and "was revoked" in session.facts().text
    notice.unlink()
    assert np.array_equal(shown("result"), clean)


LAYERS = {"result": "RGB", "face": ["ffFace.R", "ffFace.G", "ffFace.B"], "raw": ["ffRaw.R", "ffRaw.G", "ffRaw.B"]}


@pytest.mark.models
def test_a_movie_and_a_file_of_the_face_alone_are_marked(own_user: Path, job: dict[str, object], tmp_path: Path):
    path, _ = render(job)
    whole = pixels(path, *"RGB")
    movie, _ = render(job, output=str(tmp_path / "review.mov"))
    read = open_plate(str(movie)).read(1).pixels[:3].float().numpy()
    sdr = np.clip(whole, 0.0, 1.0)
    red = (sdr[0] > 0.2) & (sdr[1] < 0.1) & (pixels(path, "ffFace.A")[0] == 1.0)
    assert red.sum() > 500
    assert (read[0] - read[1])[red].mean() > 0.1, "the red bands are in the movie"
    face, _ = render(job, output=str(tmp_path / "face.####.exr"), settings={**SMALL, "output": {"layers": "face"}})
    assert header(face)[MARKED] == "no consent"


def standing(job: dict[str, object]) -> list[bool]:
    made = door.make_job(job)
    return [one.cleared for one in every(clear(ask(made, roles_of(made))))]


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, (*path, name))
        else:
            yield (*path, name), field


CANDIDATES: list[Any] = [
    True, False, 0, 1, 2, 3, 4, 8, 16, 64, 512, 0.0, 0.5, 0.05, 1.0, 0.9, -0.5, 5.0, (), (1005,), {}, {1005: 0.5},
    "", "none", "x", "off", None,
]  # fmt: skip


def test_no_setting_takes_the_mark_away(own_user: Path, job: dict[str, object]):
    """Every setting of the schema, at every value of a long list that it takes."""
    tried = 0
    for path, field in leaves(Settings):
        kept = 0
        words = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        for value in [*CANDIDATES, *words]:
            nested: Any = value
            for name in reversed(path):
                nested = {name: nested}
            try:
                made = door.make_job({**job, "settings": nested})
            except BadInput:
                continue
            kept += 1
            people = marked([member()], clear(ask(made, roles_of(made))), made, open_plate(made.plate))
            assert people[0].mark is not None, (path, value)
        assert kept, f"{path}: no value of the list fits; add one"
        tried += kept
    assert tried > 150


def member() -> Member:
    shot: Any = SimpleNamespace(floor=0.01, look=SimpleNamespace(from_light=AS_IT_IS))
    return Member(shot)


@pytest.mark.parametrize(
    "changes",
    [
        {"project": "*"}, {"shot": "*", "use": "*", "territory": "worldwide"}, {"use": "test"}, {"face": "0"},
        {"overwrite": True}, {"stop_on_error": True}, {"device": "cpu"}, {"plate_colour": "ACEScg"},
        {"consent": str(PACKAGE / "trust" / "records")}, {"stills_colour": "ACEScg"},
        {"consent": str(PACKAGE / "trust" / "records" / "s010-performer.ffconsent.json")},
    ],
)  # fmt: skip
def test_nothing_that_a_job_says_of_itself_takes_the_mark_away(own_user: Path, job, changes):
    assert standing({**job, **changes}) == [False]


def test_what_decides_reads_no_setting_and_no_variable():
    """In the source: of a job its scope alone, of the environment the user's own folder alone."""
    allowed = {"project", "shot", "use", "territory", "consent"}
    tree = ast.parse((PACKAGE / "door" / "consent.py").read_text())
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "job"
    }
    assert read <= allowed, read
    files = [PACKAGE / "door" / "consent.py", PACKAGE / "composite" / "mark.py", PACKAGE / "trust" / "keyring.py"]
    for file in [*files, *(PACKAGE / "trust" / "consent").glob("*.py")]:
        names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
        assert not names & {"os", "environ", "getenv"}, file


def test_no_variable_of_the_environment_takes_the_mark_away(own_user: Path, job, monkeypatch, tmp_path: Path):
    """Every name in the source that the environment is asked for, and some that people would try."""
    source = "\n".join(file.read_text() for file in PACKAGE.rglob("*.py"))
    names = set(re.findall(r"FF_VFX_[A-Z_]+", source)) | {"OCIO", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}
    names |= {"FF_VFX_CONSENT", "FF_VFX_NO_MARK", "FF_VFX_TRUST", "FF_VFX_KEYS", "FF_VFX_DEBUG", "PYTHONOPTIMIZE"}
    made = door.make_job(job)
    assert len(names) > 8
    for name in sorted(names):
        for value in ("1", "0", "off", str(tmp_path), str(PACKAGE / "trust")):
            with monkeypatch.context() as patch:
                patch.setenv(name, value)
                found = clear(ask(made.model_copy(update={"models": str(job["models"])}), roles_of(made)))
            assert not any(one.cleared for one in every(found)), (name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nowhere"))
    assert standing(job) == [False]


def test_a_network_that_is_not_told_whose_face_to_draw_needs_a_record_of_its_own(
    manager: RightsManager, job: dict[str, object], example_shot: Path, tmp_path: Path
):
    folder = tmp_path / "swappers"
    folder.mkdir()
    told, own = (
        write_swapper(folder, family) for family in (INSWAPPER, Family("open", None, "ffhq_512", length=0, matrix=""))
    )
    stills = str(example_shot / "performer")
    assert standing({**job, "performer": stills, "swapper": str(told)}) == [True]
    assert standing({**job, "performer": "", "swapper": str(told)}) == [False]
    assert standing({**job, "performer": stills, "swapper": str(own)}) == [True, False], (
        "cleared stills do not cover it"
    )
    record = manager.clear(models=[own])
    assert standing({**job, "performer": "", "swapper": str(own)}) == [True]
    record.unlink()
    manager.clear(models=[own.with_suffix(".onnx")])
    assert standing({**job, "performer": stills, "swapper": str(own)}) == [True, True], "its file will do"
    beside = folder / "open.ffconsent.json"
    shutil.move(next(user_records().glob("*")), beside)
    assert standing({**job, "performer": "", "swapper": str(own)}) == [True], "found beside the manifest"


def test_of_several_people_each_has_his_own_standing(own_user: Path, job, stranger: Path, example_shot: Path):
    cast = [{"face": "0", "performer": str(example_shot / "performer")}, {"face": "1", "performer": str(stranger)}]
    made = door.make_job({**{k: v for k, v in job.items() if k != "performer"}, "cast": cast})
    cleared = clear(ask(made, roles_of(made)))
    assert [[one.cleared for one in part] for part in cleared] == [[True], [False]]
    plate = open_plate(made.plate)
    first, second = marked([member(), member()], cleared, made, plate)
    assert first.mark is None and isinstance(second.mark, Mark) and second.mark.white == 1.0
    assert len(cleared_told(cleared)["warnings"]) == 1  # type: ignore[arg-type]
    assert "jo" in missing_line(cleared) and missing_line(cleared[:1]) == ""
    keys = cleared_key(cleared, made, plate)
    assert re.fullmatch(r"[0-9a-f]{64}", keys[0]) and keys[1].startswith("not cleared: jo / ")


def test_stills_that_are_exchanged_while_a_job_opens_end_it(own_user: Path, job, stranger: Path):
    made = door.make_job(job)
    wanted = ask(made, roles_of(made))
    wanted.same_stills()
    (stranger / "still_0.exr").write_bytes(b"another")
    with pytest.raises(BadInput, match=r"still_0\.exr: was changed"):
        wanted.same_stills()


def test_a_consent_that_is_named_and_gone_ends_a_job_that_begins_and_marks_one_that_runs(
    manager: RightsManager, job, stranger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    record = tmp_path / "files" / "jo.ffconsent.json"
    record.parent.mkdir()
    shutil.move(manager.clear([stranger / "still_0.exr"]), record)
    made = door.make_job({**job, "consent": str(record)})
    now = [0.0]
    monkeypatch.setattr(consent.time, "monotonic", lambda: now[0])
    watched = Watched(ask(made, roles_of(made)))
    assert every(watched.cleared())[0].cleared
    record.unlink()
    assert every(watched.cleared())[0].cleared, "for a second"
    now[0] += 1.5
    (found,) = every(watched.cleared())
    assert not found.cleared and "no such file or folder" in found.why_not
    with pytest.raises(TrustError, match="no such file or folder"):
        Watched(ask(made, roles_of(made))).cleared()
    report = door.render(made)
    assert report.exit_code == 2 and "no such file or folder" in report.faults[0]


def test_a_check_says_who_is_not_cleared(own_user: Path, job):
    report = door.check(door.make_job(job))
    assert report.exit_code == 0 and "no consent on file for jo" in str(report.decisions["warnings"])
