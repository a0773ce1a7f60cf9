"""An ONNX network in half or whole numbers, written only if real crops keep to the tolerance. Read by the commands.

Both converters are onnxruntime's own. What they make lies beside the model under its name with the precision added,
where ff_vfx finds it when a job's device asks for that precision.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engines.compare import Difference, compare, require
from engines.crops import crops
from ff_vfx.engine.model import open_engine
from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.engine.runtimes.precision import lower_name, lower_origin
from ff_vfx.errors import ModelError

_CHECKED, _CALIBRATED = 6, 24  # crops


def half(path: Path, pictures: Path | None = None) -> tuple[Path, list[Difference]]:
    """A model in half floats; what goes in and comes out stays float32.

    Args:
        path: manifest of an ONNX model. pictures: a folder to cut crops from; None: the example shot.

    Returns:
        The new manifest, and how far it is from the model.

    Raises:
        ModelError: it is no ONNX model, or it would differ by more than the manifest's tolerance; nothing is written.
    """

    def convert(source: Path, target: Path) -> None:
        import onnx
        from onnxruntime.transformers.float16 import convert_float_to_float16

        onnx.save(convert_float_to_float16(onnx.load(source), keep_io_types=True), target)

    return _written(path, "fp16", convert, pictures)


def int8(path: Path, pictures: Path | None = None) -> tuple[Path, list[Difference]]:
    """A model in whole numbers of 8 bits, their ranges measured on crops that are not those it is held against.

    Args, Returns, Raises: as `half`.
    """

    def convert(source: Path, target: Path) -> None:
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

        spec = read_manifest(path).spec
        shown = crops(spec, _CHECKED + _CALIBRATED, pictures)[_CHECKED:]
        quantize_static(
            str(source), str(target), _reader(shown), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=QuantType.QInt8, weight_type=QuantType.QInt8,
            extra_options={"ActivationSymmetric": True, "WeightSymmetric": True},  # TensorRT knows no other zero than 0
        )  # fmt: skip

    return _written(path, "int8", convert, pictures)


def _written(
    path: Path, precision: str, convert: Callable[[Path, Path], None], pictures: Path | None
) -> tuple[Path, list[Difference]]:
    manifest = read_manifest(path)
    if manifest.runtime != "onnx":
        raise ModelError(f"manifest {path}: runtime '{manifest.runtime}'; only ONNX models have other precisions")
    source = verified_file(manifest, path.parent)
    name = lower_name(manifest.name, precision)
    with tempfile.TemporaryDirectory(prefix=".engines-", dir=path.parent) as hidden:
        file = Path(hidden) / f"{name}.onnx"
        with _quiet():
            convert(source, file)
        made = _manifest(manifest, precision, file)
        samples = crops(manifest.spec, _CHECKED, pictures)
        found = compare(open_engine(manifest, source), open_engine(made, file), samples)
        require(found, f"model {manifest.name}: in {precision}")
        os.replace(file, path.parent / made.file)
    target = path.parent / f"{name}.json"
    target.write_text(made.as_json(), encoding="utf-8")
    return target, found


def _manifest(manifest: Manifest, precision: str, file: Path) -> Manifest:
    return replace(
        manifest, name=lower_name(manifest.name, precision), file=file.name, origin=lower_origin(manifest, precision),
        sha256=sha256_of(file), url="", size_bytes=file.stat().st_size,
    )  # fmt: skip


def _reader(samples: Sequence[Arrays]) -> object:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        """What onnxruntime asks for its calibration."""

        def __init__(self) -> None:
            self._left = iter(samples)

        def get_next(self) -> Arrays | None:
            return next(self._left, None)

    return Reader()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The converters advise on the console; what matters is measured afterwards."""
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.setLevel(level)
