"""ff_vfx.door.networks.flow_model: the network for flow is checked before anything is computed."""

from __future__ import annotations

import pytest

from ff_vfx import door
from ff_vfx.door.networks.flow_model import flow_key, open_flow
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.steady.flow_network import NetworkFlow
from tests.steady.test_flow_network import coded, model

SPACE = "ACEScg"


def job(folder, **steady):
    return door.make_job({"plate": "plate.####.exr", "models": str(folder), "settings": {"steady": steady}})


def test_without_a_network_there_is_nothing_to_open(tmp_path):
    assert flow_key(job(tmp_path)) == "" and open_flow(job(tmp_path), SPACE, 0.0) is None


def test_a_network_is_opened_by_its_name_and_known_by_its_content(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    model(tmp_path, coded(), {"fine": [1, 2, None, None]})
    wanted = job(tmp_path, flow="network", flow_model="raft")
    assert len(flow_key(wanted)) == 64
    assert isinstance(open_flow(wanted, SPACE, 0.0), NetworkFlow)


def test_no_name_says_where_and_how(tmp_path):
    with pytest.raises(BadInput, match=r"steady.flow = network: no model is named; put one of kind 'flow' into .*"):
        flow_key(job(tmp_path, flow="network"))


def test_a_name_without_a_model_is_an_error_of_the_model(tmp_path):
    with pytest.raises(ModelError, match=r"raft\.json"):
        flow_key(job(tmp_path, flow="network", flow_model="raft"))


@pytest.mark.parametrize("name", ["../raft", "sub/raft"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match="flow_model"):
        flow_key(job(tmp_path / "models", flow="network", flow_model=name))
