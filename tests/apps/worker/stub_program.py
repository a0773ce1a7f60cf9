"""`ff-vfx-worker` with the stub's frames, for tests that need a process: stub_program.py start, run, stop, status."""

from __future__ import annotations

import os
import sys

from ff_vfx.apps.worker import commands, spawn

if __name__ == "__main__":
    if "run" in sys.argv:
        from tests.apps.worker import stub

        stub.patched(setattr)
    # `start` leaves this very program running.
    left = spawn.leave_running
    own = {name: value for name, value in os.environ.items() if name.startswith("STUB_")}
    commands.leave_running = lambda words, extra: left([sys.executable, __file__, *words[3:]], {**extra, **own})
    commands.main()
