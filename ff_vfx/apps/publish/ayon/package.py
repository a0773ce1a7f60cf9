"""What AYON asks of an add-on. Read by its server; the version is the package's own, held by a test."""

name = "ff_vfx"
title = "ff-vfx"
version = "0.1.0"
client_dir = "ff_vfx_ayon"
ayon_required_addons = {"core": ">=1.0.0"}
