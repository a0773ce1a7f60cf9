"""A job kept open: host and file pixels give the same, layers land where the host wants them, in bounded memory."""

from __future__ import annotations

import mmap
import threading
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from ff_vfx.door.audit_places import audit_folders
from ff_vfx.door.hosts.picture import BadPicture, HostPicture, as_float
from ff_vfx.door.hosts.remembered import Pictures
from ff_vfx.door.hosts.session import Session
from ff_vfx.door.hosts.wanted import Wanted
from ff_vfx.errors import BadInput, FaceNotFound, FrameMissing
from ff_vfx.trust.audit import Entry, newest
from tests.apps.worker import stub

W, H = stub.WIDTH, stub.HEIGHT
INSIDE = (slice(4, 28), slice(8, 40))
LINEAR_709 = "lin_rec709"


@pytest.fixture
def plate(tmp_path) -> str:
    return stub.write_plate(tmp_path)


@pytest.fixture
def open_session(plate, monkeypatch):
    stub.patched(monkeypatch.setattr)
    stub.MADE.clear()
    pictures = Pictures(1 << 28)

    def make(most: int = -1, **asked) -> Session:
        job = {"plate": plate, "performer": str(Path(plate).parent / "plate.1001.exr")}
        return Session({"job": job, **asked}, pictures if most < 0 else Pictures(most))

    return make


def block(size=(W, H), format: int = 1, number: int = 1) -> HostPicture:
    one = {1: 4, 2: 2, 3: 2, 4: 1}[format]
    memory = memoryview(mmap.mmap(-1, size[0] * size[1] * 4 * one))
    return HostPicture(memory, number, format, 0, size[0] * 4 * one, (0, 0, *size))


def go_on(*told) -> None:
    pass


def asked(session: Session, number: int, layer: str = "result", inputs=None, target=None, **more) -> np.ndarray:
    target = target or block(number=99)
    session.answer(Wanted(number, [(layer, target)], inputs or {}, **more), go_on, go_on)
    return target.array().copy()


def as_host(plate: str, number: int, change=None, format: int = 1, offset: int = 0) -> HostPicture:
    """The file's picture as a host has it: float RGBA, bottom row first."""
    channels = OpenEXR.File(plate.replace("####", str(number)), separate_channels=True).channels()
    picture = block(format=format, number=number + offset)
    values = np.dstack([*(channels[c].pixels.astype(np.float32) for c in "RGB"), np.ones((H, W), np.float32)])[::-1]
    picture.array()[...] = values if format < 3 else values.clip(0, 1) * np.iinfo(picture.array().dtype).max + 0.5
    if change:
        change(picture.array())
    return picture


def brighter(array: np.ndarray) -> None:
    array[..., :3] *= 1.5


def one_pixel(array: np.ndarray) -> None:
    array[0, 0, 0] += 1.0


def test_host_pixels_that_are_the_files_are_the_files(open_session, plate):
    session = open_session()
    from_files = asked(session, 1003)
    handed = {n: as_host(plate, n) for n in range(1002, 1005)}
    assert np.array_equal(asked(session, 1003, inputs=handed), from_files)
    assert stub.MADE == [1003]


def test_host_pixels_go_the_same_way_bit_for_bit(open_session, plate):
    """One pixel far from the face is another, so that the files cannot stand in for it."""
    from_files = asked(open_session(), 1003)
    handed = {n: as_host(plate, n, one_pixel) for n in range(1002, 1005)}
    result = asked(open_session(), 1003, inputs=handed)
    assert stub.MADE == [1003, 1003]
    assert np.array_equal(result[INSIDE], from_files[INSIDE])
    assert np.array_equal(result[1:, :8], from_files[1:, :8]) and result[0, 0, 0] == from_files[0, 0, 0] + 1.0


def test_a_frame_is_a_function_of_what_is_handed_with_it_whatever_came_before(open_session, plate):
    def handed(*numbers):
        return {n: as_host(plate, n, brighter) for n in numbers}

    alone = {n: asked(open_session(most=0), n, inputs=handed(n)) for n in (1002, 1003, 1004)}
    session = open_session(most=0)
    for n in (1002, 1003, 1004, 1003, 1002, 1004):
        assert np.array_equal(asked(session, n, inputs=handed(n)), alone[n]), n
    with_near = asked(open_session(most=0), 1003, inputs=handed(1002, 1003, 1004))
    assert not np.array_equal(with_near, alone[1003])
    assert np.array_equal(asked(session, 1003, inputs=handed(1002, 1003, 1004)), with_near)
    from_files = asked(open_session(most=0), 1003)
    assert np.array_equal(asked(session, 1003), from_files)


def test_what_a_host_handed_is_known_again_by_every_byte_or_by_its_key(open_session, plate):
    session = open_session()
    asked(session, 1003, inputs={1003: as_host(plate, 1003, brighter)})
    asked(session, 1003, inputs={1003: as_host(plate, 1003, brighter, offset=50)})
    assert stub.MADE == [1003]
    asked(session, 1003, inputs={1003: as_host(plate, 1003, one_pixel)})
    assert stub.MADE == [1003, 1003]
    picture = as_host(plate, 1003, brighter)
    keyed = HostPicture(picture.memory, 7, 1, 0, W * 16, picture.bounds, b"k" * 16)
    assert keyed.digest() != picture.digest()
    picture.array()[5, 5] = 9.0
    assert keyed.digest() == HostPicture(picture.memory, 8, 1, 0, W * 16, picture.bounds, b"k" * 16).digest()


def test_in_place_changes_what_is_new_and_nothing_else(open_session, plate):
    session = open_session()
    own = as_host(plate, 1003, brighter)
    before = own.array().copy()
    elsewhere = asked(session, 1003, inputs={1003: own})
    assert np.array_equal(own.array(), before)
    in_place = asked(session, 1003, inputs={1003: own}, target=own)
    assert np.array_equal(in_place, elsewhere) and not np.array_equal(in_place, before)
    # Coverage is 0 in the window's upper two rows: they are the host's own.
    assert np.array_equal(in_place[26:28], before[26:28])


def test_alpha_is_the_sources(open_session, plate):
    def half_there(array):
        array[..., 3] = 0.25

    own = as_host(plate, 1003, half_there)
    assert (asked(open_session(), 1003, inputs={1003: own})[..., 3] == 0.25).all()


@pytest.mark.parametrize(("format", "off"), [(2, 2e-3), (3, 1e-4), (4, 1e-2)])
def test_formats_of_less_precision_give_the_same_within_it(open_session, plate, format, off):
    whole = asked(open_session(), 1003)
    got = as_float(
        asked(open_session(), 1003, inputs={1003: as_host(plate, 1003, format=format)}, target=block(format=format))
    )
    there = (whole >= 0.0) & (whole <= 1.0) if format > 2 else np.ones_like(whole, bool)
    assert np.abs(got - whole)[there].max() < off * max(1.0, np.abs(whole[there]).max())


def test_another_colour_space_goes_and_comes_back(open_session, plate):
    import torch

    from ff_vfx.colour import Transform

    to_709 = Transform.between("ACEScg", LINEAR_709)

    def turn(array):
        colour = to_709(torch.from_numpy(array[..., :3].transpose(2, 0, 1).copy()))
        array[..., :3] = colour.numpy().transpose(1, 2, 0)

    own = as_host(plate, 1003, turn)
    source = own.array().copy()
    result = asked(open_session(colour=LINEAR_709), 1003, inputs={1003: own})
    wanted = asked(open_session(), 1003)
    turn(wanted)
    assert np.abs(result - wanted).max() < 1e-4
    result[INSIDE] = source[INSIDE]
    assert np.array_equal(result, source)
    from_files = asked(open_session(colour=LINEAR_709), 1003)
    assert np.abs(from_files - wanted).max() < 1e-5


def test_a_proxy_is_the_picture_made_small_and_the_source_around_it(open_session, plate):
    session = open_session()
    whole = asked(session, 1003)
    small = asked(session, 1003, target=block((W // 2, H // 2)), scale=(0.5, 0.5))
    expected = whole.reshape(H // 2, 2, W // 2, 2, 4).mean((1, 3))
    assert np.abs(small - expected).max() < 1e-5
    own = block((W // 2, H // 2))
    own.array()[...] = expected
    result = asked(session, 1003, inputs={1003: own}, target=block((W // 2, H // 2), number=5), scale=(0.5, 0.5))
    result[2:14, 4:20] = own.array()[2:14, 4:20]
    assert np.array_equal(result, own.array())
    motion = asked(session, 1003, "motion", target=block((W // 2, H // 2)), scale=(0.5, 0.5))
    full = asked(session, 1003, "motion")
    assert np.allclose(motion[6, 10], full[12, 20] * 0.5)


def test_a_host_of_twice_the_size_gets_twice_the_size(open_session):
    large = asked(open_session(size=[2 * W, 2 * H]), 1003, "face", target=block((2 * W, 2 * H)))
    small = asked(open_session(), 1003, "face")
    assert np.abs(large[20, 40] - small[10, 20]).max() < 0.5 and not large[:7].any()


def test_the_st_map_outside_the_face_is_each_pixels_own_place(open_session):
    st = asked(open_session(), stub.LOST, "st")
    assert np.allclose(st[0, 0], [0.5 / W, 0.5 / H, 0.0, 1.0], atol=1e-7)
    assert np.allclose(st[H - 1, W - 1, :2], [(W - 0.5) / W, (H - 0.5) / H], atol=1e-7)


def test_pixels_beyond_the_plate_are_0(open_session):
    wide = HostPicture(
        memoryview(mmap.mmap(-1, (W + 10) * (H + 6) * 16)), 1, 1, 0, (W + 10) * 16, (-5, -3, W + 5, H + 3)
    )
    result = asked(open_session(), 1003, target=wide)
    assert not result[:3].any() and not result[:, :5].any() and not result[H + 3 :].any()
    assert np.array_equal(result[3 : H + 3, 5 : W + 5], asked(open_session(), 1003))


def test_memory_is_bounded_and_forgetting_changes_no_pixel(open_session):
    session = open_session(most=200_000)
    first = asked(session, 1003)
    for number in (1002, 1004, 1005, 1006, 1003):
        result = asked(session, number)
        assert 0 < session._pictures.held <= 200_000
    assert np.array_equal(result, first) and stub.MADE.count(1003) == 2


def test_a_frame_the_files_lack_can_still_be_the_hosts(open_session, plate):
    session = open_session()
    Path(plate.replace("####", "1003")).unlink()
    with pytest.raises(FrameMissing):
        asked(session, 1003)
    with pytest.raises(FrameMissing):
        asked(session, 1003, "source")
    other = as_host(plate, 1002, brighter, offset=70)
    assert asked(session, 1003, inputs={1003: other}).any()


def test_an_error_may_be_the_source_instead(open_session, plate):
    session = open_session()
    with pytest.raises(FaceNotFound):
        asked(session, stub.BROKEN)
    own = as_host(plate, 1003, brighter)
    assert np.array_equal(asked(session, stub.BROKEN, inputs={stub.BROKEN: own}, or_source=True), own.array())
    assert not asked(session, stub.BROKEN, "matte", inputs={stub.BROKEN: own}, or_source=True).any()


def test_what_raises_between_stages_ends_the_frame_and_leaves_the_session_whole(open_session):
    session, calls = open_session(), []

    class Enough(Exception):
        pass

    def check() -> None:
        calls.append(1)
        if len(calls) > 5:
            raise Enough

    with pytest.raises(Enough):
        session.answer(Wanted(1003, [("result", block())]), go_on, check)
    assert stub.MADE == []
    assert np.array_equal(asked(session, 1003), asked(open_session(), 1003))


def test_a_closed_session_prepares_anew(open_session):
    session = open_session(most=0)
    first = asked(session, 1003)
    session.close()
    assert np.array_equal(asked(session, 1003), first)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (lambda: Wanted(1003, [("result", block())], {1002: block(number=2)}), "is not among the frames handed over"),
        (lambda: Wanted(1003, [("result", block())], scale=(0.0, 1.0)), "scale"),
        (lambda: Wanted(1003, [("results", block())]), "use one of source, result"),
    ],
)
def test_what_cannot_be_wanted_is_refused(wanted, said):
    with pytest.raises(BadInput, match=said):
        wanted()


def test_outputs_that_overlap_are_refused():
    one = block((W, 2 * H))
    low = HostPicture(one.memory, 1, 1, 0, W * 16, (0, 0, W, H))
    high = HostPicture(one.memory, 1, 1, W * H * 16, W * 16, (0, 0, W, H))
    middle = HostPicture(one.memory, 1, 1, W * H * 8, W * 16, (0, 0, W, H))
    Wanted(1003, [("result", low), ("face", high)])
    Wanted(1003, [("result", low)], {1003: low})
    for outputs, inputs in (([low, middle], {}), ([low], {1003: high, 1002: low}), ([middle], {1003: low})):
        with pytest.raises(BadPicture, match="overlaps"):
            Wanted(1003, [("result", picture) for picture in outputs], inputs)


@pytest.mark.parametrize("change", [{"jub": 1}, {"job": 3}, {"size": [1, 2]}, {"size": [0, 0]}, {"size": "x"}])
def test_what_cannot_be_opened_is_refused(open_session, change):
    with pytest.raises(BadInput, match=r"open: "):
        open_session(**change)


def test_equal_jobs_have_equal_keys_and_others_have_not(open_session, plate):
    def key(**job) -> bytes:
        data = {"plate": plate, "performer": str(Path(plate).parent / "plate.1001.exr"), **job}
        return Session({"job": data}, Pictures(0)).job.key

    same = [key(), key(output="x.exr"), key(frames="1001"), key(overwrite=True), key(settings={"track": {"beta": 3.0}})]
    # Another tracking setting is another solve of its own in the cache; what is rendered from a named one is the same.
    assert len(set(same[:4])) == 1
    others = [
        key(performer=str(Path(plate).parent / "plate.1002.exr")),
        key(face="1"),
        key(settings={"preset": "live"}),
    ]
    assert len({same[0], *others}) == 4
    assert open_session(colour=LINEAR_709).job.key != open_session().job.key


@pytest.mark.models
def test_on_a_real_shot_host_and_files_agree_bit_for_bit_and_with_a_render(
    models_dir, example_shot, example_solve, tmp_path, monkeypatch
):
    from ff_vfx import door

    small = {"fuse": {"crop_px": 128}, "steady": {"window": 1}, "composite": {"matte_window": 0}}
    job = {
        "plate": str(example_shot / "plate.####.exr"),
        "performer": str(example_shot / "performer" / "still_0.exr"),
        "solve": str(example_solve),
        "models": models_dir,
        "settings": small,
    }
    report = door.render(door.make_job({**job, "output": str(tmp_path / "comp.####.exr"), "frames": "1005"}))
    assert report.exit_code == 0, report.faults
    channels = OpenEXR.File(str(tmp_path / "comp.1005.exr"), separate_channels=True).channels()
    written = np.dstack([channels[c].pixels.astype(np.float32) for c in "RGB"])[::-1]
    size = written.shape[1], written.shape[0]

    def whole(number: int, **kept) -> HostPicture:
        picture = block(size, number=number)
        read = OpenEXR.File(job["plate"].replace("####", str(number)), separate_channels=True).channels()
        for index, name in enumerate("RGB"):
            picture.array()[..., index] = read[name].pixels.astype(np.float32)[::-1]
        picture.array()[..., 3] = 1.0
        if kept.get("changed"):
            picture.array()[0, 0, 0] += 1.0  # the bottom left corner, which the face's crop does not reach
        return picture

    session = Session({"job": job}, Pictures(0))
    from_files = asked(session, 1005, target=block(size))
    handed = {number: whole(number, changed=True) for number in (1004, 1005, 1006)}
    from_host = asked(session, 1005, inputs=handed, target=block(size, number=9))
    assert from_host[0, 0, 0] == from_files[0, 0, 0] + 1.0
    from_host[0, 0, 0] = from_files[0, 0, 0]
    assert np.array_equal(from_files, from_host)
    assert np.array_equal(from_files[..., :3].astype(np.float16), written.astype(np.float16))

    # A plate that was worked on, after the files': nothing of theirs is left in it.
    for picture in handed.values():
        picture.array()[..., :3] *= 1.3
    after = asked(session, 1005, inputs=handed, target=block(size, number=9))
    fresh = asked(Session({"job": job}, Pictures(0)), 1005, inputs=handed, target=block(size, number=9))
    assert np.array_equal(after, fresh) and not np.array_equal(after, from_host)
    assert np.array_equal(asked(session, 1005, target=block(size)), from_files)


@pytest.mark.models
def test_an_export_is_of_the_jobs_solve_and_face(models_dir, example_shot, example_solve, tmp_path):
    job = {"plate": str(example_shot / "plate.####.exr"), "solve": str(example_solve), "models": models_dir}
    session = Session({"job": job}, Pictures(0))
    told = session.export({"format": "nuke-cornerpin", "output": str(tmp_path / "pin.nk")})
    assert told["files"] == [str(tmp_path / "pin.nk")] and told["text"] == (tmp_path / "pin.nk").read_text()
    assert told["known"] == list(range(1001, 1017)) and "CornerPin2D" in str(told["text"])
    for wrong in ({"format": 1}, {"fromat": "x"}, {"format": "nuke-tracker", "points": [1]}, {"format": "x"}, {}):
        with pytest.raises(BadInput):
            session.export(wrong)
    with pytest.raises(BadInput, match="no performer: name a folder"):
        asked(session, 1005, target=block((512, 512)))


def test_the_audit_log_hears_of_a_session_when_it_begins_and_ends_not_of_every_frame(open_session, plate, own_user):
    session = open_session()
    asked(session, 1002)
    asked(session, 1003)
    asked(session, 1003)
    assert [entry.state for entry in written(session)] == ["begun"]
    session.close()
    begun, ended = written(session)
    assert (begun.verb, ended.state, begun.act) == ("session", "ended", ended.act)
    assert ended.result["frames"] == {"rendered": 2, "remembered": 1, "numbers": "1002-1003"}
    assert session.job.plate.key in str(begun.inputs["plate"]) and begun.inputs["stills"]
    session.close()
    assert len(written(session)) == 2


def test_frames_that_another_session_made_are_written_down_too(open_session, plate, own_user):
    asked(open_session(), 1002)
    second = open_session()
    asked(second, 1002)
    second.leave(5.0)
    assert written(second)[-1].result["frames"] == {"remembered": 1, "numbers": "1002"}


def test_a_host_does_not_wait_for_the_audit_log(open_session, plate, own_user, monkeypatch):
    slow, ready = [], threading.Event()

    def write(deed):
        ready.wait(20)
        slow.append(deed.state)
        return [], ["the disk stands still"]

    monkeypatch.setattr("ff_vfx.door.auditing.write_down", write)
    session = open_session()
    asked(session, 1002)
    session.close()
    assert slow == []
    ready.set()
    session.leave(5.0)
    assert slow == ["begun", "ended"]


def written(session: Session) -> list[Entry]:
    session._audit.wait(10.0)
    return newest(audit_folders()[0][0], 100, lambda entry: True)
