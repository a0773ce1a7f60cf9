"""What the numbers in a picture mean: OpenColorIO on tensors, the HDR bridge, stops. Read by every floor above."""

from ff_vfx.colour.bridge import Bridge
from ff_vfx.colour.config import PINNED, load_config, resolve_space, space_of_chromaticities, working_space
from ff_vfx.colour.display import to_display
from ff_vfx.colour.log import brighten, from_stops, to_stops
from ff_vfx.colour.transform import Transform

__all__ = [
    "PINNED",
    "Bridge",
    "Transform",
    "brighten",
    "from_stops",
    "load_config",
    "resolve_space",
    "space_of_chromaticities",
    "to_display",
    "to_stops",
    "working_space",
]
