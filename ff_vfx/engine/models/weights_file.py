"""Which of our torch networks a safetensors file holds the weights of. Read by install alone.

The format is a header and numbers; the library checks that the header does not lead out of the file.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open

from ff_vfx.errors import ModelError


def architecture_of(path: Path) -> str:
    """The name of the architecture whose tensors these are, by name and shape.

    Raises:
        ModelError: no safetensors file, or of a network that is not among ours.
    """
    from ff_vfx.engine.architectures import ARCHITECTURES  # loads torch

    held = read_weights(path)
    for name, make in ARCHITECTURES.items():
        wanted = {key: tuple(tensor.shape) for key, tensor in make().state_dict().items()}
        if wanted == held:
            return name
    raise ModelError(
        f"model {path}: its {len(held)} tensors ({', '.join(sorted(held)[:3])}, ...) are of none of this version's "
        f"networks ({', '.join(ARCHITECTURES)}); export the network to ONNX instead"
    )


def read_weights(path: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors; their numbers are not read.

    Raises:
        ModelError: it cannot be read, or is no safetensors file.
    """
    try:
        with safe_open(path, framework="np") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(f"model {path}: no safetensors file, or a damaged one: {error}; get the file again") from error
