"""Which frames a run reads and computes, and what it says of their order."""

from __future__ import annotations

from ff_vfx.door.in_order import chain, chain_key, needed, order_told
from ff_vfx.types.settings import settings_from

POST, LIVE = settings_from("post").steady, settings_from("live").steady
PLATE = range(1001, 1021)


def test_post_computes_what_is_to_be_made_and_nothing_else():
    assert chain([1005, 1006, 1007], [1007], POST) == (1007,)
    assert chain_key([1005, 1006], POST) == "" and order_told([1005], PLATE, POST) == {"steady": "order-free"}


def test_live_computes_what_comes_before_again_but_nothing_after():
    assert chain([1005, 1006, 1007, 1008], [1007], LIVE) == (1005, 1006, 1007)
    assert chain([1005, 1006], [], LIVE) == ()


def test_a_live_frame_is_known_by_where_its_chain_began():
    assert chain_key([1001, 1002], LIVE) == chain_key([1001, 1002, 1003], LIVE) != chain_key([1002, 1003], LIVE)
    assert chain_key([1001, 1003], LIVE) != chain_key([1001, 1002, 1003], LIVE)


def test_live_warns_of_chunks_and_gaps():
    assert "warnings" not in order_told([1001, 1002], PLATE, LIVE)
    assert "1005" in str(order_told([1005, 1006], PLATE, LIVE)["warnings"])
    assert "skipped" in str(order_told([1001, 1003], PLATE, LIVE)["warnings"])


def test_all_frames_in_reach_are_read_ahead_the_trusted_too():
    assert needed([1010], PLATE, settings_from("post")) == list(range(1006, 1015))
    key = settings_from("post", {"steady": {"keyframe_interval": 8, "trusted": (1001, 1019)}})
    assert needed([1010], PLATE, key) == list(range(1002, 1019))
    far = settings_from("post", {"steady": {"trusted": (1001, 1017), "trust_reach": 8}})
    assert needed([1010], PLATE, far) == [*range(1006, 1015), 1017]
    assert settings_from("post").held_frames == 9 and far.held_frames == 13


def test_frames_that_steady_a_networks_mattes_are_read_ahead_where_there_is_one():
    still = {"window": 0}
    assert needed([1010], PLATE, settings_from("post", {"steady": still})) == [1010]
    mattes = settings_from("post", {"steady": still, "composite": {"parser": "bisenet", "matte_window": 2}})
    assert needed([1010], PLATE, mattes) == list(range(1008, 1013)) and mattes.held_frames == 5
