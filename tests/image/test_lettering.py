"""Words as coverage: legible, the same each time, refused where there is nothing to draw."""

from __future__ import annotations

import pytest
import torch

from ff_vfx.errors import BadInput
from ff_vfx.image.lettering import text_inside, text_line


@pytest.mark.parametrize("height", [1, 7, 24, 64, 65, 300])
def test_a_line_has_the_height_asked_for_and_lies_in_0_1(height: int) -> None:
    line = text_line("AI-GENERATED", height)
    assert line.shape[0] == height
    assert line.dtype == torch.float32
    assert 0.0 <= float(line.min()) <= float(line.max()) <= 1.0
    assert float(line.max()) > 0.4


def test_the_ink_reaches_every_edge_of_a_line() -> None:
    line = text_line("NO CONSENT", 64)
    assert all(float(edge.max()) > 0.0 for edge in (line[0], line[-1], line[:, 0], line[:, -1]))


@pytest.mark.parametrize(("width", "height"), [(200, 30), (30, 200), (1, 1), (640, 64), (3000, 2500)])
def test_text_in_a_box_fits_it_and_stands_in_its_middle(width: int, height: int) -> None:
    box = text_inside("NO CONSENT", width, height)
    assert box.shape == (height, width)
    rows, columns = torch.nonzero(box.amax(1)).flatten(), torch.nonzero(box.amax(0)).flatten()
    assert abs(int(rows[0]) - (height - 1 - int(rows[-1]))) <= 1
    assert abs(int(columns[0]) - (width - 1 - int(columns[-1]))) <= 1
    # It fills the box one way or the other.
    assert int(rows[-1] - rows[0]) >= height - 3 or int(columns[-1] - columns[0]) >= width - 3


def test_the_same_text_is_the_same_bits_and_another_is_not() -> None:
    assert torch.equal(text_line("frame 1001", 20), text_line("frame 1001", 20))
    one, two = text_inside("frame 1001", 90, 20), text_inside("frame 1007", 90, 20)
    assert not torch.equal(one, two)


def test_chinese_has_letters_of_its_own() -> None:
    made, other = text_inside("人工智能生成", 300, 60), text_inside("深度合成内容", 300, 60)
    assert float(made.sum()) > 100.0
    assert float((made - other).abs().mean()) > 0.05


def test_a_line_end_becomes_a_space() -> None:
    assert torch.equal(text_line("A\nB\t", 30), text_line("A B", 30))


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x" * 201])
def test_nothing_to_draw_and_too_much_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="letters"):
        text_line(text, 20)


@pytest.mark.parametrize("height", [0, -3, 1025])
def test_a_height_out_of_range_is_refused(height: int) -> None:
    with pytest.raises(BadInput, match="height"):
        text_line("A", height)
    with pytest.raises(BadInput, match="pixel"):
        text_inside("A", 10, 0)
