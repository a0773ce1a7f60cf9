"""`python -m ff_vfx.apps.publish`: where the pyblish plugins lie, and the AYON add-on as a package to upload."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ff_vfx.apps.publish import plugins_folder
from ff_vfx.apps.publish.ayon_package import write_package

_USAGE = "usage: python -m ff_vfx.apps.publish plugins | ayon FOLDER"


def main(words: Sequence[str]) -> int:
    """Run one of the two; gives the exit code."""
    if list(words) == ["plugins"]:
        print(plugins_folder())
        return 0
    if len(words) == 2 and words[0] == "ayon":
        print(write_package(Path(words[1])))
        return 0
    print(_USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
