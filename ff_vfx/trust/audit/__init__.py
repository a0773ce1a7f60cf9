"""The audit log: who did what, when and with what, in lines that are chained and signed. Read by the door alone."""

from ff_vfx.trust.audit.append import MONTHLY, Rotation, append, begin_anew
from ff_vfx.trust.audit.entry import Deed, Entry, Receipt
from ff_vfx.trust.audit.head import log_stand
from ff_vfx.trust.audit.read import each, newest
from ff_vfx.trust.audit.verdict import KINDS, KeyUse, Verdict, Wrong
from ff_vfx.trust.audit.verify import has_log, verify

__all__ = [
    "KINDS",
    "MONTHLY",
    "Deed",
    "Entry",
    "KeyUse",
    "Receipt",
    "Rotation",
    "Verdict",
    "Wrong",
    "append",
    "begin_anew",
    "each",
    "has_log",
    "log_stand",
    "newest",
    "verify",
]
