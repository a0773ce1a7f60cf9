"""A manifest for a file: what it says itself, what its layout knows, what only people can tell. Read by install."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.engine.models.fitting import Specs, defaults, fitted
from ff_vfx.engine.models.kinds import KINDS
from ff_vfx.engine.models.layouts import LAYOUTS, Layout, plain
from ff_vfx.engine.models.manifest import NAME, SAFE_TYPES, USES, Manifest, sha256_of
from ff_vfx.engine.models.onnx_file import read_onnx
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.types.template import TEMPLATES

_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class About:
    """What a file cannot say of itself. name: '' the file's. kind: '' the layout's. like: a name of LAYOUTS, '' none.

    template: '' the layout's; 'none'; a name of TEMPLATES. use: allowed use. url: where others may pull it from.
    matrix: identity_matrix: '' the layout's; 'none'; an initializer's name. recogniser: as in a manifest.
    """

    licence: str
    use: str
    origin: str
    name: str = ""
    kind: str = ""
    like: str = ""
    template: str = ""
    url: str = ""
    matrix: str = ""
    recogniser: str = ""


def describe(file: Path, about: About, say: Callable[[str], None]) -> Manifest:
    """Names, shapes, hash and size of the file's own; ranges, roles and alignment of the layout it is like.

    Args:
        file: .onnx or .safetensors. say: told what was taken for granted.

    Raises:
        BadInput: `about` makes no sense. ModelError: the file cannot be read, or is not like that layout.
    """
    suffix = file.suffix.lower()
    if suffix not in (".onnx", ".safetensors"):
        raise BadInput(
            f"models add {file}: .onnx or .safetensors is needed; other files may hold code, or say too little"
        )
    layout = _layout(file, about)
    if not about.like:
        say(f"no --like: pictures of {file.name} are taken as RGB, sRGB, 0 to 1; if not so, correct its manifest")
    name = about.name or re.sub(r"[^A-Za-z0-9_.-]+", "-", file.stem).strip("-.")
    if not NAME.fullmatch(name):
        raise BadInput(f"models add {file}: '{name}' can be no --name; use letters, digits, dot, dash and underscore")
    taken, given, architecture = _tensors(file, layout)
    template, matrix = about.template or layout.template, about.matrix or layout.identity_matrix
    try:
        size, digest = file.stat().st_size, sha256_of(file)
    except OSError as error:
        raise ModelError(f"models add {file}: {error.strerror or error}; give a file that can be read") from error
    return Manifest(
        name=name,
        kind=layout.kind,
        file=f"{name}{suffix}",
        licence=about.licence,
        allowed_use=about.use,
        origin=about.origin,
        sha256=digest,
        runtime=SAFE_TYPES[suffix][0],
        inputs=taken,
        outputs=given,
        tolerance=_TOLERANCE,
        notes=layout.notes,
        template=None if template in ("", "none") else TEMPLATES[template],
        multiple=layout.multiple,
        recogniser=about.recogniser,
        identity_matrix="" if matrix == "none" else matrix,
        architecture=architecture,
        url=about.url,
        size_bytes=size,
    )


def _tensors(file: Path, layout: Layout) -> tuple[Specs, Specs, str]:
    """Inputs, outputs, and the architecture of weights."""
    if file.suffix.lower() == ".safetensors":
        from ff_vfx.engine.models.weights_file import architecture_of  # loads torch

        architecture = architecture_of(file)
        return (*defaults(layout), architecture)
    declared = read_onnx(file)
    try:
        return (*fitted(layout, declared.inputs, declared.outputs), "")
    except ModelError as error:
        raise ModelError(f"models add {file}: {error}") from error


def _layout(file: Path, about: About) -> Layout:
    """The layout wished for, the other wishes looked at."""
    needed = {
        "--kind or --like": about.kind + about.like,
        "--licence": about.licence,
        "--use": about.use,
        "--origin": about.origin,
    }
    if missing := [wish for wish, value in needed.items() if not value.strip()]:
        raise BadInput(f"models add {file}: {', '.join(missing)} missing; the file does not say it, you must")
    for wish, value, choices in (
        ("--kind", about.kind, (*KINDS, "")),
        ("--like", about.like, (*LAYOUTS, "")),
        ("--template", about.template, (*TEMPLATES, "none", "")),
        ("--use", about.use, USES),
    ):
        if value not in choices:
            known = ", ".join(choice for choice in choices if choice)
            raise BadInput(f"models add {file}: {wish} '{value}' is unknown; use one of {known}")
    layout = LAYOUTS[about.like] if about.like else plain(about.kind)
    if about.kind not in ("", layout.kind):
        raise BadInput(f"models add {file}: --like {about.like} is a {layout.kind}, --kind says {about.kind}; give one")
    return layout
