"""What the numbers in a picture mean: OpenColorIO on tensors, the HDR bridge, stops. Read by every floor above."""

from ff_vfx.colour.bridge import Bridge
from ff_vfx.colour.config import PINNED, load_config, resolve_space, space_of_chromaticities
from ff_vfx.colour.display import to_display
from ff_vfx.colour.log import from_stops, to_stops
from ff_vfx.colour.transform import Transform

__all__ = [
    "PINNED",
    "Bridge",
    "Transform",
    "from_stops",
    "load_config",
    "resolve_space",
    "space_of_chromaticities",
    "to_display",
    "to_stops",
]
