# One command each. They use .venv when it is there, else the python on the path.
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)
BIN := $(dir $(shell $(PYTHON) -c 'import sys; print(sys.executable)'))

.PHONY: check format lint types imports test docs bench demo

check: format lint types imports test

format:
	$(PYTHON) -m ruff format --check .

lint:
	$(PYTHON) -m ruff check .

types:
	$(PYTHON) -m mypy

imports:
	$(BIN)lint-imports

test:
	$(PYTHON) -m pytest

docs:
	$(PYTHON) docs/make_settings.py
	$(PYTHON) docs/make_face_mesh.py
	$(PYTHON) docs/make_checks.py
	$(PYTHON) ofx_plugin/make_params.py
	$(PYTHON) gizmos/make_gizmos.py
	$(PYTHON) resolve_plugin/make_macro.py

bench:
	$(PYTHON) -m ff_vfx.apps.cli bench

demo:
	$(PYTHON) -m ff_vfx.apps.cli demo
