"""The first pass at the door: a plate into a solve file, or the solve that still fits. Read by rendering too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from ff_vfx import __version__
from ff_vfx.door.auditing import Act, audited, names_of
from ff_vfx.door.folders import make_folder
from ff_vfx.door.linear import linear_plate, open_linear_plate
from ff_vfx.door.networks.recognise import detection_key, open_job_detectors
from ff_vfx.door.overlap import ReadAhead, share_cores
from ff_vfx.door.stamp import file_hash
from ff_vfx.errors import BadInput, FfVfxError, SolveMismatch
from ff_vfx.plate import parse_frames, sequence_path
from ff_vfx.track import Detectors, load_solve, save_solve, track_plate, unused_keyframes
from ff_vfx.track.first_pass import settings_key
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import FrameEntry, ProgressCall, Report
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Keyframe, Solve

NOBODY = "{}: no face on any frame; lower track.confidence or set track.tiles to 'always'"


def track_job(job: Job, *, sheet: str, movie: str, progress: ProgressCall) -> Report:
    """See ff_vfx.door.track."""
    with audited("track", **names_of(job)) as act:
        return act.ends(_track_job(job, act, (sheet, movie), progress))


def _track_job(job: Job, act: Act, pictures: tuple[str, str], progress: ProgressCall) -> Report:
    sheet, movie = pictures
    start = time.perf_counter()
    share_cores()
    try:
        if not job.solve:
            raise BadInput("track: no solve file named; say where to write it with -o SOLVE.json")
        plate = open_linear_plate(job.plate, job.plate_colour)
        shown = parse_frames(job.frames, plate.numbers)
        for path in (job.solve, sheet, movie):
            make_folder(Path(path).parent)
        heard: list[str] = []
        detectors = open_job_detectors(job, heard.append)
        keyframes = kept_keyframes(Path(job.solve))
        tracking = settings_key(job.settings.track, detection_key(job))
        seen = {"path": job.plate, "key": plate.key, "colour_space": plate.colour_space}
        act.begins(plate=seen, settings=tracking)
        reader = ReadAhead(plate, plate.numbers)
        solve = track_to_file(reader, job.settings.track, detectors, Path(job.solve), keyframes, progress)
        act.result(solve={"file": Path(job.solve).name, "sha256": file_hash(Path(job.solve))})
        if sheet or movie:
            from ff_vfx.door.pictures import overlay_pictures

            overlay_pictures(plate, solve, shown, sheet=sheet, movie=movie, progress=progress)
    except FfVfxError as error:
        return Report("track", faults=(str(error),), version=__version__)
    except KeyboardInterrupt:
        return Report("track", decisions={"interrupted": True}, version=__version__)
    wall = (time.perf_counter() - start) * 1000.0
    return Report(
        "track",
        frames=tuple(_entry(solve, number, reader.failed.get(number, "")) for number in plate.numbers),
        times_ms={"read": sum(reader.read_ms.values()), "wall": wall},
        faults=() if solve.tracks else (NOBODY.format(plate.name),),
        decisions={
            "solve": job.solve,
            "tracks": [track.name for track in solve.tracks],
            "cuts": list(solve.cuts),
            "keyframes_unused": [asdict(key) for key in unused_keyframes(solve)],
            **({"warnings": list(dict.fromkeys(heard))} if heard else {}),
        },
        version=__version__,
    )


def solve_for(
    job: Job, plate: Plate, detectors: Callable[[], Detectors], progress: ProgressCall
) -> tuple[Solve, Path, str]:
    """The solve a job renders with: the one it names, the one beside its output when that still fits, or a new one.

    Returns:
        The solve as its file holds it, the file, and where it came from, in words.

    Raises:
        SolveMismatch: the named solve belongs to another plate or version.
    """
    if job.solve:
        return load_solve(Path(job.solve), plate_key=plate.key), Path(job.solve), "given"
    path, seen = solve_beside(job.output), linear_plate(plate)
    if path.is_file():
        try:
            solve = load_solve(path, plate_key=plate.key)
            if (solve.settings_key, solve.colour_space) == (
                settings_key(job.settings.track, detection_key(job)),
                seen.colour_space,
            ):
                return solve, path, "reused: plate and settings have not changed"
        except FfVfxError:
            pass  # It is ours and no longer fits: it is made again.
    reader = ReadAhead(seen, plate.numbers)
    solve = track_to_file(reader, job.settings.track, detectors(), path, kept_keyframes(path), progress)
    return solve, path, "tracked now"


def track_to_file(
    reader: ReadAhead,
    settings: TrackSettings,
    detectors: Detectors,
    path: Path,
    keyframes: tuple[Keyframe, ...],
    progress: ProgressCall,
) -> Solve:
    """Track the whole plate, save it, and give it as the file holds it, as every process will see it."""
    try:
        solve = track_plate(reader, settings, detectors, keyframes=keyframes, progress=partial(progress, "track"))
    finally:
        reader.close()
    save_solve(solve, path)
    return load_solve(path, plate_key=reader.key)


def kept_keyframes(path: Path) -> tuple[Keyframe, ...]:
    """The artist's keyframes in a solve that will be written over; none when it is absent.

    Raises:
        SolveMismatch: a file is there that is no solve, or a damaged one.
    """
    if not path.is_file():
        return ()
    try:
        return load_solve(path).keyframes
    except SolveMismatch as error:
        raise SolveMismatch(
            f"{error}; or move it away: it is not written over while its keyframes are unknown"
        ) from error


def solve_beside(output: str) -> Path:
    """Where a render keeps the solve it made: out/comp.####.exr -> out/comp.ffsolve.json."""
    pattern = sequence_path(output)
    name = pattern.before if pattern.numbered else Path(output).stem
    return pattern.folder / f"{name.rstrip('._-') or 'shot'}.ffsolve.json"


def _entry(solve: Solve, number: int, fault: str) -> FrameEntry:
    """'rendered' where a face is known, 'passed' where all are lost, as the tracks say; 'failed': not readable."""
    states: dict[str, object] = {}
    for track in solve.tracks:
        for row in np.flatnonzero(track.numbers == number):
            reason = track.reasons[row]
            states[track.name] = track.status[row] + (f": {reason}" if reason else "")
    found = any(not str(state).startswith("lost") for state in states.values())
    outcome = "failed" if fault else "rendered" if found else "passed"
    return FrameEntry(number, outcome, decisions=states, fault=fault)
