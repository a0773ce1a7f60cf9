"""Pictures that show an artist what the tracker saw: points over a frame, and a contact sheet with curves.

Read by the command line. 8-bit pictures in, 8-bit pictures out; nothing here touches the plate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from ff_vfx.track.pose import angles_deg
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.face_mesh import face_mesh

_SHIFT = 4  # cv2 draws at 1/16 px
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_COLOURS = {"tracked": (80, 220, 120), "held": (255, 190, 60), "keyframe": (90, 170, 255), "lost": (235, 80, 70)}
_QUIET, _PAPER, _INK = (150, 150, 150), (24, 24, 26), (225, 225, 225)
_AXIS = 0.45  # of the outer-eye distance
_CLOSE_UP = 0.8  # side of a sheet's picture, in sides of the face's crop
_CURVE_HEIGHT, _BAND, _MARGIN = 90, 10, 8


def overlay(frame_display: np.ndarray, face: Face | None, reason: str = "") -> np.ndarray:
    """A frame with its face drawn over it.

    Args:
        frame_display: (h, w, 3) uint8 RGB, the display window of the plate. face: None where there is none.
        reason: shown under the status, as when a frame was lost.

    Returns:
        A new (h, w, 3) uint8 picture.
    """
    picture = np.ascontiguousarray(frame_display).copy()
    if face is not None:
        _draw_face(picture, face)
    status = "lost" if face is None else face.status
    lines = [status if face is None else f"{status}  {face.confidence:.2f}"]
    if face is not None:
        yaw, pitch, roll = angles_deg(face.pose)
        lines.append(f"yaw {yaw:+.0f}  pitch {pitch:+.0f}  roll {roll:+.0f}")
    said = reason or (face.reason if face is not None else "")
    size = max(0.35, min(picture.shape[:2]) / 1100.0)
    _write(picture, [*lines, *([said] if said else [])], _COLOURS.get(status, _INK), size)
    return picture


def _draw_face(picture: np.ndarray, face: Face) -> None:
    mesh, colour = face_mesh(), _COLOURS.get(face.status, _INK)
    unit = float(np.linalg.norm(face.landmarks[263, :2] - face.landmarks[33, :2]))
    thick = max(1, round(unit / 220.0))
    radius = max(1, round(unit / 180.0 * (1 << _SHIFT)))
    for x, y in _fixed(face.landmarks[:468, :2]):
        cv2.circle(picture, (int(x), int(y)), radius, colour, -1, cv2.LINE_AA, _SHIFT)
    rings = [mesh.loops[name] for name in ("oval", "eye_l", "eye_r", "lips_outer", "lips_inner")]
    rings += [mesh.iris_l[1:], mesh.iris_r[1:]]
    for ring in rings:
        cv2.polylines(picture, [_fixed(face.landmarks[ring, :2])], True, _INK, thick, cv2.LINE_AA, _SHIFT)
    start = face.pose[:2, :3] @ mesh.canonical[4] + face.pose[:2, 3]
    for axis, tint in enumerate(((255, 90, 90), (90, 255, 90), (110, 150, 255))):
        end = start + face.pose[:2, axis] * (-_AXIS if axis == 2 else _AXIS)
        ends = _fixed(np.stack([start, end]))
        cv2.line(picture, ends[0].tolist(), ends[1].tolist(), tint, thick + 1, cv2.LINE_AA, _SHIFT)


def _fixed(points: np.ndarray) -> np.ndarray:
    """Plate px (centres at +0.5) to cv2's fixed point (centres at 0), safe far outside the picture."""
    return np.clip(np.round((points - 0.5) * (1 << _SHIFT)), -(1 << 24), 1 << 24).astype(np.int32)


def _write(picture: np.ndarray, lines: Sequence[str], colour: tuple[int, int, int], size: float) -> None:
    step = round(34 * size) + 2
    for k, line in enumerate(lines):
        _put(picture, line, (round(10 * size) + 3, step * (k + 1)), size, colour if k == 0 else _INK)


def _put(picture: np.ndarray, line: str, at: tuple[int, int], size: float, colour: tuple[int, int, int]) -> None:
    """A line of text that reads on any ground, drawn in place; letters OpenCV does not have become '?'."""
    text = "".join(c if 31 < ord(c) < 127 else "?" for c in line)[:110]
    thick = max(1, round(1.6 * size))
    # OpenCV's letters grow wider with thickness, so the dark rim is the same letters moved, not thicker ones.
    for dx, dy, ink in ((1, 1, (0, 0, 0)), (-1, 1, (0, 0, 0)), (1, -1, (0, 0, 0)), (-1, -1, (0, 0, 0)), (0, 0, colour)):
        cv2.putText(picture, text, (at[0] + dx, at[1] + dy), _FONT, size, ink, thick, cv2.LINE_AA)


def track_sheet(
    track: FaceTrack,
    read_display: Callable[[int], np.ndarray | None],
    *,
    cuts: Sequence[int] = (),
    shown: int = 12,
    columns: int = 4,
) -> np.ndarray:
    """One picture of a whole track: frames with the overlay, and under them the curves of the shot.

    Args:
        read_display: (h, w, 3) uint8 RGB of a frame number, None where it cannot be read.
        cuts: frame numbers that start a take. shown: how many frames, evenly spread. columns: in one row.

    Returns:
        (h, w, 3) uint8 RGB. Curves: jitter of the points (raw grey, smoothed white), confidence, and a band of colours
        for tracked, held, keyframe and lost; cuts are red lines.
    """
    picked = np.unique(np.linspace(0, len(track.numbers) - 1, min(shown, len(track.numbers))).round().astype(int))
    width = 1280
    cells = [_cell(track, int(row), read_display, width // columns) for row in picked]
    rows = [cells[k : k + columns] for k in range(0, len(cells), columns)]
    tallest = max(c.shape[0] for c in cells)
    strips = []
    for row in rows:
        strip = np.full((tallest, width, 3), _PAPER, np.uint8)
        for k, cell in enumerate(row):
            strip[: cell.shape[0], k * (width // columns) : k * (width // columns) + cell.shape[1]] = cell
        strips.append(strip)
    raw, smooth = jitter(track.raw), jitter(track.landmarks)
    top = max(float(np.nanmax(np.concatenate([raw, smooth, [1e-3]]))), 1e-3)
    curves = [
        _curve(
            track,
            cuts,
            [(raw, _QUIET), (smooth, _INK)],
            top,
            f"jitter, px (raw grey, smoothed white), top {top:.2f}",
            width,
        ),
        _curve(track, cuts, [(track.confidence, _COLOURS["keyframe"])], 1.0, "confidence, top 1.00", width),
        _bands(track, cuts, width),
    ]
    return np.concatenate([*strips, *curves])


def jitter(points: np.ndarray) -> np.ndarray:
    """(n,) rms second difference of the points' x, y in px, the face's own motion included; nan at gaps and ends."""
    found = np.full(len(points), np.nan)
    if len(points) >= 3:
        second = points[2:, :, :2] - 2.0 * points[1:-1, :, :2] + points[:-2, :, :2]
        found[1:-1] = np.sqrt((second**2).sum(-1).mean(-1))
    return found


def _cell(track: FaceTrack, row: int, read_display: Callable[[int], np.ndarray | None], width: int) -> np.ndarray:
    """One frame, close up on the face, or the whole frame where there is none."""
    number, inner = int(track.numbers[row]), width - 4
    shown = read_display(number)
    lost = track.status[row] == "lost"
    reason = track.reasons[row] or ("cannot be read" if shown is None else "")
    if shown is None:
        shown = np.full((inner, inner, 3), _PAPER, np.uint8)
        lost = True
    if lost:
        height = min(inner, max(1, round(shown.shape[0] * inner / shown.shape[1])))
        drawn = overlay(cv2.resize(shown, (inner, height), interpolation=cv2.INTER_AREA), None, reason)
    else:
        drawn = overlay(*_close_up(shown, track.face(number), inner), reason)
    cell = np.full((width, width, 3), _PAPER, np.uint8)
    cell[2 : 2 + drawn.shape[0], 2 : 2 + drawn.shape[1]] = drawn
    _put(cell, str(number), (8, 2 + drawn.shape[0] - 8), 0.45, _INK)
    return cell


def _close_up(shown: np.ndarray, face: Face, size: int) -> tuple[np.ndarray, Face]:
    """The face's part of a frame at another size, and the face in that picture's pixels."""
    centre = face.crop_to_plate[:2] @ (0.5, 0.5, 1.0)
    half = _CLOSE_UP * np.linalg.norm(face.crop_to_plate[:2, :2], axis=1).max() / 2.0
    scale = size / (2.0 * half)
    to_cell = np.array([[scale, 0.0, (half - centre[0]) * scale], [0.0, scale, (half - centre[1]) * scale]])
    picture = cv2.warpAffine(shown, _centred(to_cell), (size, size), flags=cv2.INTER_AREA, borderValue=_PAPER)
    landmarks, pose = face.landmarks * scale, face.pose * scale
    landmarks[:, :2] += to_cell[:, 2]
    pose[:2, 3] += to_cell[:, 2]
    return picture, replace(face, landmarks=landmarks, pose=pose)


def _centred(matrix: np.ndarray) -> np.ndarray:
    """For cv2, whose pixel centres are at whole numbers."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2].sum(1) * 0.5 - 0.5
    return moved


def _columns_of(count: int, width: int) -> np.ndarray:
    return _MARGIN + (np.arange(count) + 0.5) / count * (width - 2 * _MARGIN)


def _curve(
    track: FaceTrack,
    cuts: Sequence[int],
    lines: Sequence[tuple[np.ndarray, tuple[int, int, int]]],
    top: float,
    title: str,
    width: int,
) -> np.ndarray:
    panel = np.full((_CURVE_HEIGHT, width, 3), _PAPER, np.uint8)
    x = _columns_of(len(track.numbers), width)
    for values, colour in lines:
        y = _CURVE_HEIGHT - 6 - np.clip(values / top, 0.0, 1.0) * (_CURVE_HEIGHT - 26)
        for k in range(len(x) - 1):
            if np.isfinite(y[k]) and np.isfinite(y[k + 1]):
                cv2.line(panel, (int(x[k]), int(y[k])), (int(x[k + 1]), int(y[k + 1])), colour, 1, cv2.LINE_AA)
    _mark_cuts(panel, track, cuts, x)
    cv2.putText(panel, title, (_MARGIN, 14), _FONT, 0.4, _QUIET, 1, cv2.LINE_AA)
    return panel


def _bands(track: FaceTrack, cuts: Sequence[int], width: int) -> np.ndarray:
    panel = np.full((_BAND + 26, width, 3), _PAPER, np.uint8)
    x = _columns_of(len(track.numbers), width)
    half = (width - 2 * _MARGIN) / len(x) / 2.0
    for k, state in enumerate(track.status):
        cv2.rectangle(panel, (int(x[k] - half), 2), (int(x[k] + half), 2 + _BAND), _COLOURS[state], -1)
    _mark_cuts(panel, track, cuts, x)
    at = _MARGIN
    for state, colour in _COLOURS.items():
        text = f"{state} {track.status.count(state)}"
        cv2.putText(panel, text, (at, _BAND + 19), _FONT, 0.4, colour, 1, cv2.LINE_AA)
        at += 110
    ends = f"{track.name}: {int(track.numbers[0])}-{int(track.numbers[-1])}"
    cv2.putText(panel, ends, (at + 20, _BAND + 19), _FONT, 0.4, _INK, 1, cv2.LINE_AA)
    return panel


def _mark_cuts(panel: np.ndarray, track: FaceTrack, cuts: Sequence[int], x: np.ndarray) -> None:
    half = (x[1] - x[0]) / 2.0 if len(x) > 1 else 0.0
    for cut in cuts:
        for k in np.flatnonzero(track.numbers == cut):
            cv2.line(panel, (int(x[k] - half), 0), (int(x[k] - half), panel.shape[0]), _COLOURS["lost"], 1)
