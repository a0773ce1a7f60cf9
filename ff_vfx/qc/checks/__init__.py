"""Publish checks: is a finished sequence fit to leave? Pure functions over a Delivery. Read by the door."""

from ff_vfx.qc.checks.table import CHECKS, Check, refuse_unknown, run_checks

__all__ = ["CHECKS", "Check", "refuse_unknown", "run_checks"]
