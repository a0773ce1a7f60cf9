"""A recorded run reads and writes the same memory each time. The graph is a stub that runs what was recorded."""

from __future__ import annotations

import pytest
import torch

from ff_vfx.engine.runtimes.recording import Recording
from tests.engine.stubs import pretend_cards


class _Graph:
    """Plays what was recorded: as a real one it knows addresses alone."""

    def __init__(self) -> None:
        self.played = 0
        self.replay = self._play
        self.step = lambda: None

    def _play(self) -> None:
        self.played += 1
        self.step()


def test_new_numbers_go_through_the_recorded_memory_and_come_out_apart(monkeypatch: pytest.MonkeyPatch):
    pretend_cards(monkeypatch)
    graphs: list[_Graph] = []
    monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: graphs.append(_Graph()) or graphs[-1])
    held: list[tuple[torch.Tensor, torch.Tensor]] = []

    def run(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
        made = tensors[0] * 2
        held.append((tensors[0], made))
        if graphs:
            graphs[-1].step = lambda: made.copy_(tensors[0] * 2)  # type: ignore[assignment]
        return [made]

    recording = Recording(run)
    (first,) = recording([torch.ones(3)])
    (second,) = recording([torch.full((3,), 4.0)])
    assert first.tolist() == [2.0] * 3 and second.tolist() == [8.0] * 3
    assert len(graphs) == 1 and graphs[0].played == 2
    assert len({given.data_ptr() for given, _ in held}) == 1
