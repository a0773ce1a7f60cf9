"""Formats and the options each takes."""

from pathlib import Path

import pytest

from ff_vfx import door
from ff_vfx.errors import BadInput
from ff_vfx.export import FORMATS, Request, export_text
from ff_vfx.export.marks import POINTS, SHAPES
from tests.export.made import made_known


def test_the_door_names_the_formats_there_are():
    assert door.EXPORT_FORMATS == FORMATS


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_says_what_it_is_in_its_first_lines_and_twice_the_same(format):
    known = made_known()
    before = known.points.copy(), known.crops.copy()
    text = export_text(known, Request(format))
    assert "ff-vfx export" in text[:1000] and text.endswith("\n") and "nan" not in text.replace("cancel", "")
    assert text == export_text(known, Request(format))
    assert (known.points == before[0]).all() and (known.crops == before[1]).all()


def test_the_page_names_every_format_point_and_shape():
    page = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text()
    for name in (*(f"`{format}`" for format in FORMATS), *POINTS, *(f"`{shape}`" for shape in SHAPES)):
        assert name in page, name


def test_an_unknown_format_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match="nuke-tracker, nuke-cornerpin"):
        export_text(made_known(), Request("shake"))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Request("nuke-tracker", shapes=("oval",)), "shapes: means nothing to nuke-tracker; it is for nuke-roto"),
        (Request("fusion-polygon", points=("chin",)), "points: .*nuke-tracker, fusion-tracker"),
        (Request("nuke-roto", tolerance_px=0.5), "tolerance: .*nuke-roto-script"),
        (Request("fusion-tracker", reference=1001), "reference: .*nuke-cornerpin, fusion-cornerpin"),
    ],
)
def test_an_option_that_means_nothing_is_refused_and_says_where_it_does(wanted, said):
    with pytest.raises(BadInput, match=said):
        export_text(made_known(), wanted)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_is_a_number_of_px(tolerance):
    with pytest.raises(BadInput, match="0 or more px"):
        export_text(made_known(), Request("fusion-polygon", tolerance_px=tolerance))
