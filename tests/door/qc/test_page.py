"""Tests of which frames a QC page shows."""

from ff_vfx.door.qc.page import frames_to_show
from ff_vfx.types.finding import Finding
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import Curve, QcReport

NUMBERS = tuple(range(1001, 1031))


def report(curves, *failed):
    findings = [Finding(check, "failed", "", frames) for check, frames in failed]
    return QcReport(QcJob(output="c.####.exr"), NUMBERS, tuple(findings), tuple(curves))


def curve(check, values, **limits):
    return Curve(check, check, "stops", {n: values.get(n, 0.0) for n in NUMBERS}, **limits)


def test_every_check_that_failed_has_its_worst_frame_shown_before_any_has_a_second():
    flicker = {n: 0.1 + n / 1e5 for n in range(1001, 1021)}
    curves = [curve("flicker", flicker, most=0.01), curve("pop", {1025: 0.5, 1028: 0.2}, most=0.01)]
    shown = frames_to_show(report(curves, ("flicker", tuple(flicker)), ("pop", (1025, 1028))))
    assert [n for n, _, _ in shown][:4] == [1020, 1025, 1019, 1028]
    assert len(shown) == 8


def test_a_frame_with_two_faults_is_shown_once_with_both():
    curves = [curve("slip", {1010: 2.0}, most=0.3), curve("pop", {1010: 0.5}, most=0.01)]
    ((number, why, checks),) = frames_to_show(report(curves, ("slip", (1010,)), ("pop", (1010,))))
    assert (number, why, checks) == (1010, "face off its head 2 stops, one-frame pop 0.5 stops", ("slip", "pop"))


def test_where_nothing_failed_the_frames_nearest_to_a_limit_are_shown():
    curves = [
        curve("pop", {}, most=0.01),
        curve("slip", {1005: 0.1}, most=0.3),
        curve("smear", {n: 0.5 if n == 1009 else 1.0 for n in NUMBERS}, least=0.45),
    ]
    shown = frames_to_show(report(curves))
    assert [(n, checks) for n, _, checks in shown] == [(1009, ("smear",)), (1005, ("slip",))]
    assert shown[0][1].startswith("nearest to its limit")


def test_a_finding_without_a_measure_shows_its_frames_too():
    shown = frames_to_show(report([], ("plate-untouched", (1003, 1004))))
    assert [n for n, _, _ in shown] == [1003, 1004]
