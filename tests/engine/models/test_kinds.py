"""What a network of a kind must take and give is asked of its manifest, and each fault has its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ff_vfx.engine import read_manifest
from ff_vfx.engine.models.kinds import KINDS, ROLES
from ff_vfx.errors import ModelError
from ff_vfx.types.template import TEMPLATES


@pytest.fixture
def modern(fields: dict[str, Any]) -> dict[str, Any]:
    """A good manifest of format 2: a swapper with an identity."""
    identity = {**fields["inputs"][0], "name": "who", "shape": [1, 512], "layout": "flat", "role": "identity"}
    plain = {"encoding": "none", "channels": "none"}
    return {**fields, "format": 2, "inputs": [fields["inputs"][0], {**identity, **plain}], "identity_matrix": "last"}


def refusal(toy: Path, fields: dict[str, Any]) -> str:
    toy.write_text(json.dumps(fields))
    with pytest.raises(ModelError) as error:
        read_manifest(toy)
    return str(error.value)


def test_a_good_one_is_read(toy: Path, modern: dict[str, Any]):
    toy.write_text(json.dumps(modern))
    assert read_manifest(toy).inputs[1].role == "identity"


def test_every_kinds_roles_and_templates_are_known():
    for kind in KINDS.values():
        assert set(kind.takes) | set(kind.gives) <= set(ROLES)
        assert kind.template in ("", *TEMPLATES)


def test_a_swapper_is_shown_one_picture(toy: Path, modern: dict[str, Any]):
    modern["inputs"][1] |= {"shape": [1, 3, 8, 8], "layout": "nchw", "role": ""}
    assert "a swapper is shown 1 picture(s), 'inputs' has 2 ['in', 'who']" in refusal(toy, modern)
    modern["inputs"] = modern["inputs"][:1]
    assert "a flow is shown 2 picture(s), 'inputs' has 1 ['in']" in refusal(
        toy, {**modern, "kind": "flow", "identity_matrix": ""}
    )


@pytest.mark.parametrize(
    ("side", "role", "text"),
    [
        ("inputs", "strength", "input 'in' has role 'strength'; a swapper's may be picture, identity"),
        ("outputs", "boxes", "output 'out' has role 'boxes'; a swapper's may be picture, matte"),
    ],
)
def test_a_role_that_the_kind_has_not_is_refused(toy: Path, modern: dict[str, Any], side: str, role: str, text: str):
    modern[side][0]["role"] = role
    assert text in refusal(toy, modern)


def test_two_tensors_of_one_role_are_refused(toy: Path, modern: dict[str, Any]):
    modern["inputs"].append({**modern["inputs"][1], "name": "whom"})
    assert "inputs ['who', 'whom'] both have role 'identity'" in refusal(toy, modern)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"high": 0}, "input 'in' has low and high both 0.0; black and white must differ"),
        ({"low": [0, 1, 0]}, "black and white must differ"),
        ({"low": [0, 0, 0], "channels": "none"}, "low or high for each channel, and 'channels' is none"),
        ({"shape": [1, 1, 8, 8]}, "input 'in' is rgb nchw with 1 channels; three are needed"),
        ({"layout": "nhwc"}, "input 'in' is rgb nhwc with 8 channels; three are needed"),
    ],
)
def test_a_range_or_an_order_that_cannot_be_is_refused(
    toy: Path, modern: dict[str, Any], change: dict[str, Any], text: str
):
    modern["inputs"][0] |= change
    assert text in refusal(toy, modern)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"kind": "upscaler", "inputs": 1}, "'identity_matrix' is for swappers, and 'kind' is upscaler"),
        ({"kind": "upscaler", "inputs": 1, "recogniser": "x", "identity_matrix": ""}, "'recogniser' is for swappers"),
        ({"recogniser": "../x"}, "'recogniser' is '../x'; the name of a model is needed"),
        ({"file": "toy.safetensors", "runtime": "torch"}, "'identity_matrix' is an initializer of an ONNX file"),
        ({"url": "ftp://host/x.onnx"}, "'url' is 'ftp://host/x.onnx'; https://, or a folder or file is needed"),
        ({"url": "file:///x.onnx"}, "https://, or a folder or file is needed"),
    ],
)
def test_an_optional_field_that_does_not_suit_is_refused(
    toy: Path, modern: dict[str, Any], change: dict[str, Any], text: str
):
    if "inputs" in change:
        change = {**change, "inputs": modern["inputs"][:1]}
    assert text in refusal(toy, {**modern, **change})


@pytest.mark.parametrize("url", ["https://host/x.onnx", "http://localhost/x.onnx", "../store", "C:/models/x.onnx", ""])
def test_an_address_or_a_path_is_taken(toy: Path, modern: dict[str, Any], url: str):
    toy.write_text(json.dumps({**modern, "url": url}))
    assert read_manifest(toy).url == url


def test_format_1_had_no_way_to_say_what_a_kind_needs(toy: Path, fields: dict[str, Any]):
    fields["inputs"].append({**fields["inputs"][0], "name": "second"})
    toy.write_text(json.dumps(fields))
    assert len(read_manifest(toy).inputs) == 2
