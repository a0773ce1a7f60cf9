"""A report with everything a page can show, and hostile names in it. Read by the tests of the page."""

from __future__ import annotations

import cv2
import numpy as np

from ff_vfx.qc.page.document import FrameShown, Pair, Shown, page
from ff_vfx.types.finding import Finding
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import Curve, QcReport

HOSTILE = "\"'><img src=x onerror=window.hurt=1><script>window.hurt=1</script>&amp;</main>"


def jpeg(level: int) -> bytes:
    good, data = cv2.imencode(".jpg", np.full((64, 64, 3), level, np.uint8))
    assert good
    return bytes(data)


def report(name: str = "out/comp.####.exr") -> QcReport:
    numbers = tuple(range(1001, 1011))
    flicker = {n: 0.05 if n in (1003, 1004) else 0.001 for n in numbers}
    findings = (
        Finding("flicker", "failed", f"it flickers {name}", (1003, 1004)),
        Finding("smear", "waived", "soft", (1008,), f"{name}, until 2026-12-24: liked"),
        Finding("pop", "passed", "within"),
        Finding("identity", "skipped", "no recogniser"),
    )
    curves = (
        Curve("pop", "tone that pops", "stops", dict.fromkeys(numbers, 0.001), most=0.01),
        Curve("flicker", "tone that flickers", "stops", flicker, most=0.01),
        Curve("steadiness", "E_warp", "", {n: 1.0 for n in numbers if n != 1006}, 0.75, 1.5),
    )  # fmt: skip
    job = QcJob(output=name, plate=name, previous=name, waivers=name)
    return QcReport(job, numbers, findings, curves, version="0.1.0", facts={"notes": [name]})


def whole_page(name: str = "out/comp.####.exr") -> str:
    frames = [FrameShown(1003, f"flicker {name}", [Shown(jpeg(60 * k), f"picture {k}") for k in range(4)])]
    pairs = [Pair(n, Shown(jpeg(40), "previous version"), Shown(jpeg(200), "this version")) for n in (1003, 1008)]
    return page(report(name), frames, pairs, "2026-11-21")
