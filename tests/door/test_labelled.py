"""The visible label: on what people watch, off the face, as the job says; never on a comp that did not ask for it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import ValidationError

from ff_vfx import door
from ff_vfx.door.labelled import label_text, movie_label
from ff_vfx.image.label import AI_GENERATED, LEGAL_PART, make_label
from ff_vfx.types.job import Job
from ff_vfx.types.window import Window
from tests.conftest import example_job

_SIZE = (512, 512)


def first_picture(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def differing(one: np.ndarray, two: np.ndarray) -> Window:
    """Where two pictures are plainly not the same."""
    apart = np.abs(one.astype(int) - two.astype(int)).max(-1) > 60
    rows, columns = np.flatnonzero(apart.any(1)), np.flatnonzero(apart.any(0))
    return Window(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


@pytest.mark.parametrize(
    ("label", "watched", "comp"), [("", AI_GENERATED, ""), ("none", "", ""), ("AI生成", "AI生成", "AI生成")]
)
def test_what_is_watched_is_labelled_by_itself_and_a_comp_when_asked(label: str, watched: str, comp: str) -> None:
    job = Job(plate="plate.####.exr", label=label)
    assert label_text(job, watched=True) == watched
    assert label_text(job, watched=False) == comp
    assert (movie_label(job, _SIZE, []) is None) == (comp == "")


def test_a_label_that_is_too_long_is_no_job() -> None:
    with pytest.raises(ValidationError, match="label"):
        Job(plate="p.####.exr", label="x" * 201)


def test_the_review_movie_bears_it_large_enough_and_off_the_face(
    models_dir: str, example_shot: Path, example_solve: Path, rendered_example: Path, tmp_path: Path
) -> None:
    data = {**example_job(models_dir, example_shot, example_solve, rendered_example), "frames": "1001-1004"}
    door.write_review(door.make_job(data), str(tmp_path / "labelled.mp4"))
    door.write_review(door.make_job({**data, "label": "none"}), str(tmp_path / "clean.mp4"))
    labelled, clean = first_picture(tmp_path / "labelled.mp4"), first_picture(tmp_path / "clean.mp4")
    assert labelled.shape == clean.shape == (512, 512, 3)
    where = differing(labelled, clean)
    expected = make_label(AI_GENERATED, _SIZE).window
    assert where.y1 > 480 and not where.intersect(expected).empty
    assert expected.height >= LEGAL_PART * 512
    above = np.abs(labelled.astype(int) - clean.astype(int))[: where.y0 - 16]
    assert above.mean() < 2.0 and np.percentile(above, 99.9) < 24  # the codec's own


def test_a_sheet_bears_it_on_the_new_pictures(
    models_dir: str, example_shot: Path, example_solve: Path, rendered_example: Path, tmp_path: Path
) -> None:
    data = example_job(models_dir, example_shot, example_solve, rendered_example)
    door.write_sheet(door.make_job(data), str(tmp_path / "a.png"))
    door.write_sheet(door.make_job({**data, "label": "none"}), str(tmp_path / "b.png"))
    from ff_vfx.plate import read_still

    one, two = (read_still(str(tmp_path / name)).pixels for name in ("a.png", "b.png"))
    columns = np.flatnonzero((one != two).any(0).any(0).numpy())
    assert columns[0] > 2 * one.shape[2] // 3 - 10 and len(columns) > 100
