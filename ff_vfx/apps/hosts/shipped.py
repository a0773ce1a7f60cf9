"""Where the files are that go into hosts: the plugin's source, Nuke's folder, gizmos, Fusion's.

Read by bundle and installing. A wheel holds them in `files` beside this module, where pyproject.toml puts them; a
checkout at its root.
"""

from __future__ import annotations

from pathlib import Path

from ff_vfx.errors import BadInput

SHIPPED = Path(__file__).resolve().parent / "files"
CHECKOUT = Path(__file__).resolve().parents[3]
_CHECKOUT_HAS = "pyproject.toml"  # site-packages, which is there in an installation, has none


def shipped(name: str) -> Path:
    """A folder of these by its name in the checkout.

    Raises:
        BadInput: it is not here.
    """
    if (SHIPPED / name).is_dir():
        return SHIPPED / name
    if (CHECKOUT / _CHECKOUT_HAS).is_file() and (CHECKOUT / name).is_dir():
        return CHECKOUT / name
    raise BadInput(f"{SHIPPED / name}: is not in this installation; install ff-vfx again, from its wheel or a checkout")
