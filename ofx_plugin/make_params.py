"""Writes ff_params.h, the plugin's table of controls: `python ofx_plugin/make_params.py`. A test holds it up to date.

The list itself is ff_vfx.door.hosts.params. Run by whoever changes a setting; the C compiler reads what it writes.
"""

from __future__ import annotations

from pathlib import Path

from ff_vfx.door.hosts.params import BUTTONS, HostParam, group_titles, host_parameters

HEADER = Path(__file__).with_name("ff_params.h")
_HEAD = """/* Made by ofx_plugin/make_params.py from ff_vfx/door/hosts/params.py; do not edit here. */
#ifndef FF_PARAMS_H
#define FF_PARAMS_H
enum { FF_DOUBLE, FF_INT, FF_BOOL, FF_CHOICE, FF_STRING, FF_FILE, FF_FOLDER };
enum { FF_AS_VALUE, FF_AS_TEXT, FF_AS_JSON, FF_AS_LIST, FF_AS_NONE };
/* number: the default of numbers and truths, the index of a choice's; low to high: the range; shown: a slider's. */
typedef struct {
    const char *name, *field, *group, *label, *hint, *text;
    int kind, written;
    double number, low, high, shown_low, shown_high;
    const char *const *choices;
} ff_param;
typedef struct { const char *name, *label, *hint; } ff_button;
"""


def header() -> str:
    """The whole file."""
    params = host_parameters()
    parts = [_HEAD]
    parts += [f"static const char *const ff_choices_{p.name}[] = {_choices(p)};" for p in params if p.choices]
    parts += ["static const ff_param ff_params[] = {", *(f"    {_row(p)}," for p in params), "};"]
    parts += [_enum(params)]
    groups = ", ".join(f"{{{_c(name)}, {_c(title)}, {_c('')}}}" for name, title in group_titles().items())
    buttons = ",\n    ".join("{" + ", ".join(map(_c, button)) + "}" for button in BUTTONS)
    parts += [f"static const ff_button ff_groups[] = {{{groups}}};"]
    parts += [f"static const ff_button ff_buttons[] = {{\n    {buttons}}};", "#endif", ""]
    return "\n".join(parts)


def _choices(param: HostParam) -> str:
    return "{" + ", ".join([*map(_c, param.choices), "0"]) + "}"


def _enum(params: tuple[HostParam, ...]) -> str:
    """The places of the node's own controls in the table, which the plugin asks for by name."""
    kept = ("job_plate", "job_preset")
    own = [f"FF_{p.name.upper()} = {i}" for i, p in enumerate(params) if p.group == "host" or p.name in kept]
    return f"enum {{ {', '.join(own)}, FF_PARAMS = {len(params)} }};"


def _row(param: HostParam) -> str:
    choice = param.kind == "choice"
    default = param.choices.index(str(param.default)) if choice else param.default
    text, number = (default, 0) if isinstance(default, str) else ("", float(default))
    strings = (param.name, param.field, param.group, param.label, param.hint, text)
    codes = (f"FF_{param.kind.upper()}", f"FF_AS_{param.written.upper()}")
    numbers = (repr(float(n)) for n in (number, param.low, param.high, *param.shown))
    choices = f"ff_choices_{param.name}" if param.choices else "0"
    return "{" + ", ".join([*map(_c, strings), *codes, *numbers, choices]) + "}"


def _c(text: object) -> str:
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    HEADER.write_text(header(), encoding="utf-8")
