"""What each publish check says of facts that are just so: pure functions, nothing on disk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ff_vfx.errors import BadInput
from ff_vfx.qc.checks import CHECKS, run_checks
from ff_vfx.qc.checks.pixels import MOST_AT_EDGE
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.delivery import DeliveredFrame, Delivery, Fault, HeaderFacts, ModelFacts, PixelFacts, SealFacts
from ff_vfx.types.finding import Finding
from ff_vfx.types.window import Window

FIRST, LAST = 1001, 1009
WINDOW = Window(0, 0, 64, 48)
LAYERS = ("ffFace.R", "ffFace.G", "ffFace.B", "ffFace.A") + tuple(
    f"ffMatte.{name}" for name in ("red", "green", "blue", "alpha")
)
PLATE = HeaderFacts(WINDOW, WINDOW, 1.0, "24/1", "", (), "ACEScg", channels=dict.fromkeys("RGB", "half"))
MADE = replace(PLATE, spaces=("ACEScg",), interop="lin_ap1_scene", channels=dict.fromkeys((*"RGBA", *LAYERS), "half"))
PIXELS = PixelFacts(generated=True, covered=900, matte_high=1.0, compared=True)


def made(**changes: object) -> Delivery:
    """Nine frames with nothing wrong."""
    frames = {
        n: DeliveredFrame(n, f"comp.{n}.exr", sha256=f"{n:064d}", header=MADE, pixels=PIXELS, plate=PLATE)
        for n in range(FIRST, LAST + 1)
    }
    seal = SealFacts("comp.ffmanifest.json", signer="ada", hashes={n: frame.sha256 for n, frame in frames.items()})
    given = {
        "pattern": "comp.####.exr", "plate": "plate.####.exr", "expected": tuple(frames), "expected_by": "the plate",
        "frames": frames, "colour_space": "ACEScg", "interop": "lin_ap1_scene", "seal": seal,
        "clearances": (Clearance("Ada", True, kind="performer", signer="the rights manager"),),
        "audit": (), "c2pa": (), "quality": (Finding("flicker", "passed", "well"),),
    }  # fmt: skip
    return Delivery(**{**given, **changes})  # type: ignore[arg-type]


def changed(numbers: tuple[int, ...], **changes: object) -> Delivery:
    """The same with some frames otherwise."""
    delivery = made()
    some = {n: replace(delivery.frames[n], **changes) for n in numbers}  # type: ignore[arg-type]
    return replace(delivery, frames={**delivery.frames, **some})


def red(delivery: Delivery) -> dict[str, Finding]:
    return {finding.check: finding for finding in run_checks(delivery) if finding.stops}


def test_of_a_sound_delivery_every_check_passes():
    assert {finding.outcome for finding in run_checks(made())} == {"passed"}


def test_frames_are_named_as_ranges_and_the_message_says_what_to_do():
    finding = red(changed((1001, 1002, 1003, 1007), fault="truncated: chunks are missing"))["files-whole"]
    assert finding.message.startswith("frames 1001-1003, 1007: cannot be read to the end")
    assert finding.frames == (1001, 1002, 1003, 1007)


def test_a_hole_and_a_frame_too_many_are_told_apart():
    delivery = made(expected=tuple(range(1000, 1009)))
    finding = red(delivery)["frames-complete"]
    assert finding.frames == (1000, 1009) and list(red(delivery)) == ["frames-complete"]
    assert "frame 1000: missing" in finding.message and "frame 1009: not in the range" in finding.message


def test_no_frame_at_all_is_no_delivery():
    found = red(made(frames={}, expected=(), seal=SealFacts("m", absent=True)))
    assert "no frame is there" in found["frames-complete"].message


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("layers", {"header": replace(MADE, channels={n: "half" for n in MADE.channels if n != "ffMatte.blue"})}),
        ("layers", {"header": replace(MADE, channels={**MADE.channels, "R": "float"})}),
        ("windows", {"header": replace(MADE, data_window=Window(0, 0, 64, 47))}),
        ("windows", {"header": replace(MADE, display_window=Window(0, 0, 65, 48))}),
        ("windows", {"header": replace(MADE, aspect=2.0)}),
        ("timing", {"header": replace(MADE, rate="")}),
        ("timing", {"header": replace(MADE, timecode="00")}),
        ("colour-space", {"header": replace(MADE, interop="", spaces=())}),
        ("colour-space", {"header": replace(MADE, spaces=("ACEScg", "ACEScct"))}),
        ("colour-space", {"header": replace(MADE, chromaticities=(0.64,) * 8)}),
        ("lossless", {"header": replace(MADE, lossy={"ffMatte.red": "dwaa"})}),
        ("finite", {"pixels": replace(PIXELS, not_finite={"R": 3})}),
        ("matte-range", {"pixels": replace(PIXELS, matte_high=1.001, matte_worst="ffMatte.red")}),
        ("matte-range", {"pixels": replace(PIXELS, matte_low=-0.001, matte_worst="ffMatte.red")}),
        ("matte-present", {"pixels": replace(PIXELS, covered=0)}),
        ("matte-edge", {"pixels": replace(PIXELS, at_edge={"left": 0.5})}),
        ("plate-untouched", {"pixels": replace(PIXELS, changed={"R": 1}, changed_at=(3, 4))}),
        ("plate-untouched", {"pixels": replace(PIXELS, compared=False), "plate_fault": "plate 1005: no such file"}),
        ("intact", {"sha256": "f" * 64}),
    ],
)
def test_what_is_wrong_with_some_frames_is_one_checks_and_names_them(check: str, change: dict[str, object]):
    found = red(changed((1004, 1005), **change))
    assert list(found) == [check], found
    assert found[check].frames == (1004, 1005) and found[check].message.startswith("frames 1004-1005: ")


def test_a_changed_file_is_left_to_the_check_that_says_why_and_that_one_says_so():
    bad = replace(PIXELS, not_finite={"R": 1})
    delivery = changed((1004,), pixels=bad, sha256="f" * 64)
    assert red(delivery)["finite"].message.endswith("(1004 changed since the render)")
    assert "intact" not in red(delivery)
    (intact,) = run_checks(delivery, only=("intact",))
    assert intact.frames == (1004,), "with nobody to explain it, the change is its own fault"
    assert "intact" in {finding.check for finding in run_checks(delivery, skip=("finite",)) if finding.stops}


def test_what_somebody_signed_for_hides_no_change():
    delivery = changed((1004,), pixels=replace(PIXELS, at_edge={"left": 0.9}), sha256="f" * 64)
    assert list(red(delivery)) == ["matte-edge"]
    found = run_checks(delivery, waive=lambda finding: replace(finding, outcome="waived", waiver="Ada"))
    assert {one.check: one.outcome for one in found if one.outcome != "passed"}["intact"] == "failed"


def test_the_soft_end_of_a_matte_may_touch_the_edge_and_a_face_may_leave_the_picture():
    assert red(changed((1004,), pixels=replace(PIXELS, at_edge={"top": MOST_AT_EDGE}))) == {}
    cut = replace(PIXELS, at_edge={"left": 0.9, "bottom": 0.9})
    assert red(changed((1004,), pixels=cut, leaving=("left", "bottom"))) == {}
    finding = red(changed((1004,), pixels=cut, leaving=("left",)))["matte-edge"]
    assert "data window: bottom;" in finding.message


def test_a_frame_through_which_the_plate_passed_needs_no_layers_but_a_shot_needs_a_face():
    bare, nothing = replace(MADE, channels=dict.fromkeys("RGBA", "half")), PixelFacts(compared=True)
    delivery = changed((1008, 1009), header=bare, pixels=nothing, passed=True)
    assert red(delivery) == {}
    assert list(red(changed(tuple(range(FIRST, LAST + 1)), header=bare, pixels=nothing, passed=True))) == [
        "matte-present"
    ]
    found = red(changed((1008,), header=bare, pixels=nothing))
    assert list(found) == ["layers"], "a frame that should have a face and has no layer at all"


def test_a_frame_with_more_people_may_have_further_ranks_of_ids_and_others_need_not():
    ranks = {f"ffPeople{rank}.{name}": "float" for rank in ("00", "01") for name in "RGBA"}
    crowd = replace(MADE, channels={**MADE.channels, **ranks})
    alone = replace(MADE, channels={name: kind for name, kind in crowd.channels.items() if "01" not in name})
    delivery = changed(tuple(range(FIRST, LAST + 1)), header=crowd)
    some = {n: replace(delivery.frames[n], header=alone) for n in (1001, 1002)}
    assert red(replace(delivery, frames={**delivery.frames, **some})) == {}
    none = {1003: replace(delivery.frames[1003], header=MADE)}
    assert red(replace(delivery, frames={**delivery.frames, **none}))["layers"].frames == (1003,)


def test_without_a_manifest_it_alone_is_red_and_what_hangs_on_it_is_skipped():
    for seal in (SealFacts("m", absent=True), SealFacts("m", fault="m: is torn")):
        outcomes = {finding.check: finding.outcome for finding in run_checks(made(seal=seal, clearances=()))}
        assert [name for name, outcome in outcomes.items() if outcome == "failed"] == ["manifest"]
        assert {outcomes[name] for name in ("intact", "model-hash", "model-licence", "consent")} == {"skipped"}


def test_a_plate_that_is_not_here_is_asked_for_unless_nothing_names_it():
    alone = {
        n: replace(frame, plate=None, pixels=replace(PIXELS, compared=False)) for n, frame in made().frames.items()
    }
    found = red(made(frames=alone, plate=""))
    assert list(found) == ["plate-untouched"] and "--plate" in found["plate-untouched"].message
    assert list(red(made(frames=alone, plate="", seal=SealFacts("m", absent=True)))) == ["manifest"]


@pytest.mark.parametrize(
    ("allowed", "use", "stops"),
    [
        ("any", "theatrical", False), ("any", "", False), ("non-commercial", "theatrical", True),
        ("non-commercial", "", True), ("non-commercial", "test", True), ("non-commercial", "Non-Commercial", False),
        ("non-commercial", "research", False), ("research", "non-commercial", True), ("research", "research", False),
        ("of another kind", "research", True),
    ],
)  # fmt: skip
def test_a_model_serves_the_uses_its_licence_allows_and_no_other(allowed: str, use: str, stops: bool):
    model = ModelFacts("swap", "1" * 64, "CC-BY-NC-4.0", allowed, made=(1001,))
    assert (list(red(made(models=(model,), use=use))) == ["model-licence"]) is stops


def test_a_performer_without_consent_stops_every_frame_that_shows_him():
    gone = Clearance("Ada", False, "the consent expired on 2026-11-01", "get it renewed")
    finding = red(made(clearances=(gone,)))["consent"]
    assert finding.frames == tuple(range(FIRST, LAST + 1))
    assert "Ada: the consent expired on 2026-11-01; get it renewed" in finding.message


def test_marked_frames_are_made_again_once_the_consent_is_there():
    assert red(made(marked=(1002, 1003)))["consent"].frames == (1002, 1003)


def test_a_log_and_credentials_that_are_not_whole_stop_it_and_such_as_are_not_there_do_not():
    assert list(red(made(audit=(Fault("line 7: was edited"),)))) == ["audit"]
    assert red(made(c2pa=(Fault("not of this file", (1004,)),)))["c2pa"].frames == (1004,)
    outcomes = {one.check: one.outcome for one in run_checks(made(audit=None, c2pa=None, quality=None))}
    assert (outcomes["audit"], outcomes["c2pa"], outcomes["quality"]) == ("skipped",) * 3


def test_quality_is_red_for_what_nobody_signed_for_and_waived_for_the_rest():
    pop = Finding("pop", "failed", "1004: another tone", (1004,))
    assert red(made(quality=(pop,)))["quality"].frames == (1004,)
    signed = replace(pop, outcome="waived", waiver="Ada, until 2026-12-24: seen")
    (finding,) = run_checks(made(quality=(signed,)), only=("quality",))
    assert (finding.outcome, finding.waiver) == ("waived", "pop: Ada, until 2026-12-24: seen")


def test_flicker_beside_a_frame_that_is_broken_anyway_is_not_counted_again():
    delivery = replace(
        changed((1004,), pixels=replace(PIXELS, not_finite={"R": 9})),
        quality=(Finding("pop", "failed", "another tone", (1003, 1005)),),
    )
    assert list(red(delivery)) == ["finite"]


def test_a_check_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(BadInput, match="'mattes' is unknown; use frames-complete"):
        run_checks(made(), only=("mattes",))


def test_the_table_is_in_an_order_in_which_every_check_stands_behind_those_it_yields_to():
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for index, check in enumerate(CHECKS):
        assert set(check.yields_to) <= set(names[:index]), check.name
        assert check.title and check.guards and check.run.__doc__


def test_what_nobody_may_sign_for_is_not_waivable():
    waivable = {check.name for check in CHECKS if check.waivable}
    assert waivable == {"matte-present", "matte-edge", "quality"}
