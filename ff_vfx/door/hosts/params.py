"""The controls that a host shows for a job: one list for every host. Read by the OpenFX plugin's, the gizmo's and the
macro's makers.

A control's name is "<group>_<field>": `composite_skin_tone`, `job_performer`, `host_output`. Loads neither torch nor
numpy. A host sends a value where it differs from `default`: a preset's own values stay where nobody touched them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ff_vfx.door.public import EXPORT_FORMATS
from ff_vfx.types.job import Job
from ff_vfx.types.settings import Settings

KINDS = ("double", "int", "bool", "choice", "string", "file", "folder")
WRITINGS = ("value", "text", "json", "list", "none")
OUTPUTS = ("result", "face", "matte", "raw", "st", "motion", "confidence")
"""What a node can give; the worker's layers of these names."""
BUTTONS = (
    ("track", "Track", "Look at the whole plate once and write the solve; frames can be rendered afterwards."),
    ("cancel", "Cancel", "End the tracking that is under way."),
    ("export", "Export", "Write the track for this compositor: see format and file."),
)
"""Name, label and hint of each push button; they go with host_parameters()."""
STATUS = ("status", "Status", "What was done last, or what is missing.")
JOB_FIELDS_LEFT_OUT = ("output", "frames", "stop_on_error", "overwrite", "settings")
"""A host knows its own frames and files; the settings have controls each."""

_JOB_KINDS = {"plate": "file", "solve": "file", "matte": "file", "performer": "folder", "models": "folder"}
_JOB_KINDS |= {"pack": "folder", "consent": "folder"}
_TITLES = {
    "host": "Node",
    "job": "Shot",
    "track": "Track",
    "fuse": "Fuse",
    "enhance": "Enhance",
    "steady": "Steady",
    "composite": "Composite",
    "output": "Files",
}
_EXCLUSIVE = 0.001  # a host's range is closed: an open end lies this far inside
_WIDEST = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class HostParam:
    """One control.

    kind: of KINDS. low, high: of numbers, both within; shown: the slider's own ends. choices: of a choice, in order.
    written: how it goes into the job: 'value' a number or truth, 'text' a string, 'json' a string that is JSON already,
    'list' a string of numbers with commas, 'none' not at all: the host's own.
    """

    name: str
    kind: str
    label: str
    hint: str
    group: str
    default: float | int | bool | str
    low: float = 0.0
    high: float = 0.0
    shown: tuple[float, float] = (0.0, 0.0)
    choices: tuple[str, ...] = ()
    written: str = "none"

    @property
    def field(self) -> str:
        """Its name without the group's."""
        return self.name.removeprefix(self.group + "_")


def host_parameters() -> tuple[HostParam, ...]:
    """Every control, group by group in the order a node shows them."""
    return (*_own(), *_job(), *_settings())


def group_titles() -> dict[str, str]:
    """Group -> its title, in order."""
    return dict(_TITLES)


def _own() -> tuple[HostParam, ...]:
    """What is the node's alone."""
    return (
        _choice("output", OUTPUTS, "result", "What this node gives; nodes of one job share all work."),
        HostParam("host_use_matte", "bool", "Use matte", "Multiply what is new by the Matte input.", "host", False),
        _choice("on_error", ("error", "source"), "error", "A frame that fails: an error, or the source and a message."),
        HostParam(
            "host_frame_offset", "int", "Frame offset", "Added to the host's frame number; gives the plate's own.",
            "host", 0, -_WIDEST, _WIDEST, (-2000, 2000),
        ),
        _choice(
            "pixels", ("frame", "frames", "files"), "frame",
            "From the host: this frame, this and its neighbours, or none; the rest is read from the plate's files.",
        ),
        _choice(
            "format", ("auto", "plate", "input"), "auto",
            "Size of the host's pictures: the plate's, or the input's own where the host has scaled it.",
        ),
        HostParam("host_colour", "string", "Colour", "OCIO space of the pixels; empty: the plate's.", "host", ""),
        HostParam("host_worker", "string", "Worker", "Name of the worker; another for each GPU.", "host", "main"),
        HostParam(
            "host_timeout_s", "double", "Timeout", "Longest wait for one frame, s; 0: no end.",
            "host", 600.0, 0.0, 86400.0, (0.0, 3600.0),
        ),
        _choice("export_format", EXPORT_FORMATS, EXPORT_FORMATS[0], "What Export writes: docs/exports.md."),
        HostParam("host_export_file", "file", "Export file", "Where Export writes.", "host", ""),
        HostParam("host_export_overwrite", "bool", "Overwrite", "Export may replace a file.", "host", False),
    )  # fmt: skip


def _choice(field: str, choices: tuple[str, ...], default: str, hint: str) -> HostParam:
    return HostParam(f"host_{field}", "choice", _label(field), hint, "host", default, choices=choices)


def _job() -> tuple[HostParam, ...]:
    presets = _schema(Settings)["preset"]
    found = [
        HostParam(
            "job_preset", "choice", "Preset", "post: best; live: fast, and frames depend on their order.", "job",
            presets["default"], choices=tuple(presets["enum"]), written="value",
        )
    ]  # fmt: skip
    for name, told in _schema(Job).items():
        if name in JOB_FIELDS_LEFT_OUT:
            continue
        many = told.get("type") == "array"
        hint = told["description"] + (" JSON: a list of objects." if many else "")
        kind, written = _JOB_KINDS.get(name, "string"), "json" if many else "text"
        found.append(HostParam(f"job_{name}", kind, _label(name), hint, "job", "", written=written))
    return tuple(found)


def _settings() -> tuple[HostParam, ...]:
    return tuple(
        _setting(group, name, told)
        for group, value in Settings()
        if isinstance(value, BaseModel)
        for name, told in _schema(type(value)).items()
    )


def _setting(group: str, name: str, told: dict[str, Any]) -> HostParam:
    """One field of a group, by its schema."""
    named = (f"{group}_{name}", _label(name), told["description"])
    kind, default = told.get("type", ""), told.get("default")
    if "enum" in told:
        return _made(named, "choice", group, default, choices=tuple(told["enum"]), written="value")
    if kind == "boolean":
        return _made(named, "bool", group, default, written="value")
    if kind in ("integer", "number"):
        exact = _EXCLUSIVE if kind == "number" else 1
        low = told.get("minimum", told.get("exclusiveMinimum", -_WIDEST - exact) + exact)
        high = told.get("maximum", told.get("exclusiveMaximum", _WIDEST + exact) - exact)
        ends: dict[str, Any] = {"low": low, "high": high, "shown": (low, high)}
        return _made(named, "int" if kind == "integer" else "double", group, default, **ends, written="value")
    if kind == "string":
        return _made(named, "string", group, default, written="text")
    # Numbers by frame, lists of frames, a frame or none: text that is empty where nothing is said.
    written = "list" if kind == "array" else "json"
    hints = {"list": " Frames with commas.", "json": ' JSON: {"1001": 0.5}.' if kind == "object" else " Empty: none."}
    return _made((*named[:2], named[2] + hints[written]), "string", group, "", written=written)


def _made(named: tuple[str, str, str], kind: str, group: str, default: Any, **more: Any) -> HostParam:
    name, label, hint = named
    return HostParam(name, kind, label, hint, group, default, **more)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    return properties


def _label(name: str) -> str:
    words = name.replace("_px", " px").replace("_hz", " Hz").replace("c2pa", "C2PA").replace("_", " ")
    return words[0].upper() + words[1:]
