"""`python -m ff_vfx.apps.worker`: the same as `ff-vfx worker`."""

from ff_vfx.apps.worker.commands import main

main()
