"""CornerPositioner, Trackers and Polygons: read as the Lua tables they are and held against the solve."""

import numpy as np
import pytest

from ff_vfx.errors import BadInput
from ff_vfx.export import Request, export_text
from ff_vfx.export.beziers import bezier
from ff_vfx.export.fusion_corner_pin import CORNERS
from ff_vfx.export.marks import POINTS, SHAPES, chosen_shapes
from ff_vfx.export.pins import crop_corners
from tests.export import lua_table
from tests.export.lua_table import driver, keys, path
from tests.export.made import LOST, WORST_PX, made_known
from tests.export.test_nuke_nodes import homography, moved

KINDS = ("fusion-tracker", "fusion-cornerpin", "fusion-polygon")


def tools_of(known, **wanted) -> dict:
    table = lua_table.read(export_text(known, Request(**wanted)))
    tools = table["Tools"]
    assert tools.pop("__ctor") == "ordered" and table["ActiveTool"] in tools
    for name, tool in tools.items():
        for given in tool.get("Inputs", {}).values():
            if isinstance(given, dict) and "SourceOp" in given:
                assert given["SourceOp"] in tools, f"{name} hangs on nothing"
    said = tools[table["ActiveTool"]]["Inputs"]["Comments"]["Value"]
    assert said.startswith(f"ff-vfx export {wanted['format']}") and "held" in said
    return tools


def plate(known, x: float, y: float) -> tuple[float, float]:
    """Parts of the picture, y up, as plate px."""
    return x * known.size[0], (1.0 - y) * known.size[1]


def pinned(known, tools: dict) -> dict[int, np.ndarray]:
    """The four corners by frame, plate px."""
    (name,) = (name for name, tool in tools.items() if tool["__ctor"] == "CornerPositioner")
    paths = [path(tools, driver(tools, name, corner)) for corner in CORNERS]
    return {n: np.array([plate(known, *corner[n]) for corner in paths]) for n in paths[0]}


@pytest.mark.parametrize("offset", [0, -1001])
def test_the_corners_lie_on_the_crop_on_every_known_frame(offset):
    known = made_known(offset)
    to = pinned(known, tools_of(known, format="fusion-cornerpin", offset=offset))
    assert list(to) == known.numbers.tolist()
    assert np.abs(np.array(list(to.values())) - crop_corners(known)).max() < 1e-3 < WORST_PX


def test_with_a_reference_the_whole_picture_is_carried_along():
    known = made_known()
    to = pinned(known, tools_of(known, format="fusion-cornerpin", reference=1006))
    w, h = known.size
    picture = np.array([[0, h], [w, h], [w, 0], [0, 0]], float)
    assert np.abs(to[1006] - picture).max() < 1e-3
    for row, number in enumerate(known.numbers.tolist()):
        landed = moved(homography(picture, to[number]), crop_corners(known)[5])
        assert np.abs(landed - crop_corners(known)[row]).max() < WORST_PX


def test_every_tracker_lies_on_its_landmark_and_has_keys_on_known_frames_alone():
    known = made_known()
    tools = tools_of(known, format="fusion-tracker", points=("all",))
    worst = 0.0
    for point, landmark in POINTS.items():
        tool = f"ff_face0_{point}"
        assert tools[tool]["__ctor"] == "Tracker" and tools[tool]["Inputs"]["Name1"]["Value"] == point
        places = path(tools, driver(tools, tool, "TrackedCenter1"))
        assert list(places) == known.numbers.tolist()
        got = np.array([plate(known, *xy) for xy in places.values()])
        worst = max(worst, np.abs(got - known.points[:, landmark]).max())
        first = tools[tool]["Trackers"][1]
        assert (first["PatternTime"], first["PatternX"], first["PatternY"]) == (1001, *places[1001])
    assert worst < 1e-3 < WORST_PX


def outlines(known, tools: dict, name: str) -> dict[int, np.ndarray]:
    """(k, 3, 2) by frame: left tangent, point, right tangent, plate px; between keys straight."""
    spline = tools[driver(tools, name, "Polyline")]
    w, h = known.size
    found = {}
    for index, (frame, key) in enumerate(spline["KeyFrames"].items()):
        assert key[1] == index and key["Flags"] == {"Linear": True, "LockedY": True}
        assert key["Value"]["__ctor"] == "Polyline" and key["Value"]["Closed"] is True
        rows = [[[p["LX"], p["LY"]], [p["X"], p["Y"]], [p["RX"], p["RY"]]] for p in key["Value"]["Points"].values()]
        shape = np.array(rows) * (w, -h)
        shape[:, 1] += (w / 2.0, h / 2.0)
        found[frame] = shape
    frames = list(found)
    flat = np.array([shape.reshape(-1) for shape in found.values()])
    between = np.array([np.interp(known.numbers, frames, column) for column in flat.T]).T
    return dict(zip(known.numbers.tolist(), between.reshape(-1, *found[frames[0]].shape), strict=True))


@pytest.mark.parametrize(("tolerance", "bound"), [(0.0, 1e-3), (0.8, 0.81)])
def test_every_polygon_lies_on_its_ring_with_its_tangents(tolerance, bound):
    known = made_known()
    tools = tools_of(known, format="fusion-polygon", tolerance_px=tolerance)
    for shape, ring in chosen_shapes(()).items():
        got = np.array(list(outlines(known, tools, f"ff_face0_{shape}").values()))
        assert np.abs(got - bezier(known, ring)).max() < bound, shape
    assert len([tool for tool in tools.values() if tool["__ctor"] == "PolylineMask"]) == len(SHAPES)


def test_a_polygon_is_off_where_the_face_is_lost_and_has_the_plates_pixels():
    known = made_known()
    tools = tools_of(known, format="fusion-polygon", shapes=("oval",))
    inputs = tools["ff_face0_oval"]["Inputs"]
    assert (inputs["MaskWidth"]["Value"], inputs["MaskHeight"]["Value"]) == known.size
    assert inputs["PixelAspect"]["Value"] == {1: pytest.approx(2.0, abs=1e-4), 2: 1}
    level = keys(tools, driver(tools, "ff_face0_oval", "Level"))
    assert {n for n in range(1001, 1017) if np.interp(n, list(level), list(level.values())) == 0.0} == set(LOST)
    always = tools_of(made_known(lost=()), format="fusion-polygon", shapes=("oval",))
    assert "Level" not in always["ff_face0_oval"]["Inputs"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_an_artist_gave_cannot_break_the_text(kind):
    tools = tools_of(made_known(name='Eve } "1" \\ ]]'), format=kind)
    assert all(name.isidentifier() for name in tools)
    assert any('Eve } "1" \\ ]]' in str(tool["Inputs"].get("Comments")).replace("\\\\", "\\") for tool in tools.values()
               if "Inputs" in tool)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_lua_itself_reads_what_our_reader_reads(kind):
    lupa = pytest.importorskip("lupa.luajit21", reason="needs LuaJIT: pip install lupa")
    text = export_text(made_known(offset=-1010), Request(kind))
    lua = lupa.LuaRuntime()
    made = lua.eval(
        "(function() local function ctor(name) return function(t) t = t or {}; t.__ctor = name; return t end end\n"
        "local env = setmetatable({ordered = function() return ctor('ordered') end},\n"
        "  {__index = function(_, name) return ctor(name) end})\n"
        "return function(text) return setfenv(assert(loadstring('return ' .. text)), env)() end end)()"
    )(text)

    def plain(value):
        if lupa.lua_type(value) != "table":
            return value
        return {key: plain(inner) for key, inner in value.items()}

    assert plain(made) == lua_table.read(text)


def test_a_point_or_shape_that_does_not_exist_is_refused():
    with pytest.raises(BadInput, match="point 'ear'"):
        tools_of(made_known(), format="fusion-tracker", points=("ear",))
    with pytest.raises(BadInput, match="shape 'ear'"):
        tools_of(made_known(), format="fusion-polygon", shapes=("ear",))
