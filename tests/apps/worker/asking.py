"""What tests of the worker ask with: a block seen as pictures, and requests in few words."""

from __future__ import annotations

import numpy as np

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.client import Node, Worker
from tests.apps.worker import stub

LAYER = {name: number for number, name in enumerate(wire.LAYER_NAMES)}


class Pictures:
    """A block that holds `count` pictures of one size, bottom row first; RGBA float32."""

    def __init__(self, worker: Worker, count: int = 4, size: tuple[int, int] = (stub.WIDTH, stub.HEIGHT)) -> None:
        self.size, self.worker = size, worker
        self.bytes = size[0] * size[1] * 16
        self.block = worker.block(count * self.bytes)
        whole = np.frombuffer(self.block.memory, np.float32)
        self.arrays = [part.reshape(size[1], size[0], 4) for part in np.split(whole, count)]

    def image(self, index: int) -> wire.Image:
        w, h = self.size
        return wire.Image(self.block.number, 1, index * self.bytes, w * 16, 0, 0, w, h)

    def output(self, layer: str, index: int) -> wire.Output:
        return wire.Output(LAYER[layer], self.image(index))

    def input(self, number: int, index: int, content: bytes = bytes(16)) -> wire.Input:
        return wire.Input(number, self.image(index), content)

    def ask(self, node: Node, number: int, *layers: str, **more) -> wire.FrameSaid:
        return node.frame(number, [self.output(layer, i) for i, layer in enumerate(layers)], **more)


def raw_ask(connection, kind: int, payload: bytes = b"") -> tuple[int, bytes]:
    """Status and payload of an answer."""
    from ff_vfx.apps.worker.connection import WorkerSaid

    try:
        return wire.OK, connection.ask(kind, payload)
    except WorkerSaid as error:
        return error.status, str(error).encode()
