"""Where acts are written down: the site's log or the user's, and a show's beside it. Read by auditing.

The site's administrator names the site's log in a file that only he can write. `FF_VFX_AUDIT` adds a log and moves
none: no setting, no job and no variable of ours takes an act out of the site's log.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.types.user_folders import site_folder, state_folder

VARIABLE = "FF_VFX_AUDIT"
_MOST_BYTES = 1 << 16


def audit_folders() -> tuple[list[Path], str]:
    """The folders of all logs that an act goes to, the site's or the user's first; and a fault in their names."""
    fault = ""
    try:
        first = site_log() or state_folder() / "audit"
    except TrustError as error:
        first, fault = state_folder() / "audit", str(error)
    shows = os.environ.get(VARIABLE, "")
    if shows and not os.path.isabs(shows):
        return [first], fault or f"{VARIABLE}={shows}: is no absolute path; nothing was written there"
    return [first, *([Path(shows)] if shows and Path(shows) != first else [])], fault


def site_log() -> Path | None:
    """The log that the site's administrator named: {"audit": {"folder": "/mnt/..."}} in site.json; None: he did not.

    Raises:
        TrustError: the file is there and says nothing that can be followed.
    """
    path = site_folder() / "site.json"
    try:
        with open(path, "rb") as file:
            data = json.loads(file.read(_MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise TrustError(f"{path}: cannot be read ({error}); the site's administrator must correct it") from error
    audit = data.get("audit") if isinstance(data, dict) else {}
    if audit is None:
        return None
    folder = audit.get("folder") if isinstance(audit, dict) else None
    if not isinstance(folder, str) or not os.path.isabs(folder):
        raise TrustError(f'{path}: say where the audit log is: {{"audit": {{"folder": "/an/absolute/path"}}}}')
    return Path(folder)
