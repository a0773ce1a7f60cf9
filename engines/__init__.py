"""Offline tools for networks: export, lower precision, plans, comparison. Read by `python -m engines`.

They meet ff_vfx in files (an engine and its manifest) and in what ff_vfx.engine offers; ff_vfx never reads this folder.
"""
