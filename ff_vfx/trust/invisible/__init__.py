"""The invisible mark: 32 bits in the face's own pixels, laid by a render and found again in what became of it.

Read by the door. docs/marks.md has what it survives, what it does not, and what it cannot prove.
"""

from ff_vfx.trust.invisible.code import PAYLOAD_BITS, payload_from
from ff_vfx.trust.invisible.find import Found, Search, find
from ff_vfx.trust.invisible.listen import Heard, display_of, hear
from ff_vfx.trust.invisible.pattern import PUBLIC_KEY, STRENGTH_STOPS, Pattern, pattern_of, periods_of, stops_of

__all__ = [
    "PAYLOAD_BITS",
    "PUBLIC_KEY",
    "STRENGTH_STOPS",
    "Found",
    "Heard",
    "Pattern",
    "Search",
    "display_of",
    "find",
    "hear",
    "pattern_of",
    "payload_from",
    "periods_of",
    "stops_of",
]
