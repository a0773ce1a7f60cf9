"""`python -m engines export|half|int8|plan|compare|parity`: one line each below. Read by whoever prepares models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ff_vfx.errors import FfVfxError


def main(given: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 refused with a reason, 2 called wrongly."""
    chosen = _parser().parse_args(given)
    try:
        return int(chosen.run(chosen))
    except FfVfxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engines", description="Prepare and compare networks, offline.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, text: str, run: object, manifest: bool = True) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        if manifest:
            made.add_argument("manifest", type=Path, help="NAME.json of the model")
            made.add_argument("--pictures", type=Path, help="folder of faces to cut crops from; else the example shot")
        return made

    export = verb("export", "a model of torch's as ONNX, held against torch", _export)
    export.add_argument("folder", type=Path, help="where the ONNX model goes")
    export.add_argument("--name", default="", help="what it is called there")
    verb("half", "an ONNX model in half floats, if that keeps to its tolerance", _half)
    verb("int8", "an ONNX model in whole numbers, calibrated on crops, if that keeps to its tolerance", _int8)
    plan = verb("plan", "a TensorRT plan for this machine's card, if that keeps to the tolerance", _plan)
    plan.add_argument("--device", default="cuda:0", help="cuda:N, with /fp16 or /int8")
    plan.add_argument("--sizes", default="", help="NAME=least:usual:most, shapes as 1x3x128x128")
    plan.add_argument("--again", action="store_true", help="build it even if the one there is right")
    compare = verb("compare", "one model on two devices, on real crops", _compare)
    compare.add_argument("first", help="cpu, cpu/opencv, cuda:0/tensorrt/fp16 ...")
    compare.add_argument("second")
    parity = verb("parity", "every kind of network by every runtime that is here", _parity, manifest=False)
    parity.add_argument("--docs", action="store_true", help="write the tables into docs/engines.md")
    return parser


def _export(chosen: argparse.Namespace) -> int:
    from engines.export import export

    return _show(*export(chosen.manifest, chosen.folder, chosen.name))


def _half(chosen: argparse.Namespace) -> int:
    from engines.lower import half

    return _show(*half(chosen.manifest, chosen.pictures))


def _int8(chosen: argparse.Namespace) -> int:
    from engines.lower import int8

    return _show(*int8(chosen.manifest, chosen.pictures))


def _plan(chosen: argparse.Namespace) -> int:
    from engines.plan import plan
    from ff_vfx.types.device import parse_devices

    (device,) = parse_devices(chosen.device)[:1]
    return _show(*plan(chosen.manifest, device, chosen.sizes, chosen.pictures, again=chosen.again))


def _compare(chosen: argparse.Namespace) -> int:
    from engines.compare import compare_devices

    rows = compare_devices(chosen.manifest, chosen.first, chosen.second, chosen.pictures)
    _show(chosen.manifest, rows)
    return 0 if all(row.ok for row in rows) else 1


def _parity(chosen: argparse.Namespace) -> int:
    from engines.docs import tables, write_tables
    from engines.parity import embedded, kinds, real

    rows = {"kinds": kinds(), "real": real(), "embedded": embedded()}
    for text in tables(rows).values():
        print(text)
    if chosen.docs:
        print(f"written: {write_tables(rows)}")
    return 0 if all(row.ok for row in (*rows["kinds"], *rows["real"])) else 1


def _show(path: Path, rows: Sequence[object]) -> int:
    print(path)
    for row in rows:
        print(f"  {row.output}: {row.worst:.3g} of {row.size:.3g}, tolerance {row.tolerance:.3g}")  # type: ignore[attr-defined]
    return 0


if __name__ == "__main__":
    sys.exit(main())
