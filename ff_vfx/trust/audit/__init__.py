"""The audit log: who did what, when and with what, in lines that are chained and signed. Read by the door alone."""

from ff_vfx.trust.audit.append import MONTHLY, Rotation, append
from ff_vfx.trust.audit.entry import Deed, Entry, Receipt

__all__ = ["MONTHLY", "Deed", "Entry", "Receipt", "Rotation", "append"]
