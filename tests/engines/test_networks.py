"""There is one small network of every kind, the same each time."""

from __future__ import annotations

import pytest
import torch

from engines.networks import NETWORKS
from ff_vfx.engine.models.kinds import KINDS, fault_of
from ff_vfx.engine.runtimes.torch_engine import TorchEngine
from ff_vfx.engine.runtimes.trial import trial_inputs


def test_every_kind_has_one():
    assert set(NETWORKS) == set(KINDS)


@pytest.mark.parametrize("kind", NETWORKS)
def test_it_is_what_its_spec_says_and_its_spec_is_what_its_kind_needs(kind: str):
    network = NETWORKS[kind]
    assert network.spec.kind == kind and fault_of(network.spec) == ""
    made = TorchEngine(network.module(), network.spec).run(trial_inputs(network.spec))
    assert set(made) == {tensor.name for tensor in network.spec.outputs}


@pytest.mark.parametrize("kind", ["swapper", "flow", "upscaler"])
def test_the_same_seed_makes_the_same_weights_whatever_was_drawn_before(kind: str):
    torch.rand(7)
    first = NETWORKS[kind].module().state_dict()
    torch.rand(3)
    second = NETWORKS[kind].module().state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_an_identity_moves_the_small_swappers_face():
    network = NETWORKS["swapper"]
    engine = TorchEngine(network.module(), network.spec)
    given, other = trial_inputs(network.spec), trial_inputs(network.spec, seed=5)
    moved = engine.run({**given, "source": other["source"]})["output"]
    assert abs(engine.run(given)["output"] - moved).max() > 0.01
