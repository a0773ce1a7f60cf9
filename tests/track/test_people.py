"""Which found face is whose, with made-up faces: place, looks, and what a recogniser says."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.track.people import Candidate, Now, Person, Seen, assign, in_no_doubt, known_again
from tests.synthetic import posed_face

ALIKE = np.zeros(8)
OTHER_LOOK = np.full(8, 1.0)


def _towards(cosine: float, axis: int = 1) -> np.ndarray:
    """An embedding of that cosine to Anna's."""
    found = np.zeros(4, np.float32)
    found[0], found[axis] = cosine, np.sqrt(1.0 - cosine**2)
    return found


ANNA, BEN = _towards(1.0), _towards(0.1)


def _found(x: float, embedding: np.ndarray | None = None, look: np.ndarray = ALIKE) -> Candidate:
    return Candidate(posed_face(centre=(x, 110.0), scale=40.0), look, embedding)


def _person(name: str, xs: list[float], embedding: np.ndarray | None = None, look: np.ndarray = ALIKE) -> Person:
    person = Person(name, look, 64)
    for row, x in enumerate(xs):
        candidate = _found(x, embedding, look)
        person.keep(row, Seen(candidate.face), candidate, 0.35)
    return person


def test_place_decides_where_looks_are_alike():
    people = [_person("a", [100.0, 110.0]), _person("b", [300.0, 290.0])]
    assert assign(people, [_found(280.0), _found(120.0)], Now(2, 0, 1.0)) == {0: 1, 1: 0}


def test_a_recogniser_tells_two_who_stand_where_the_other_was_expected():
    people = [_person("a", [200.0, 205.0], ANNA), _person("b", [220.0, 215.0], BEN)]
    swapped = [_found(204.0, BEN), _found(216.0, ANNA)]
    assert assign(people, swapped, Now(2, 0, 1.0)) == {0: 1, 1: 0}
    unknown = [_found(204.0), _found(216.0)]
    assert assign(people, unknown, Now(2, 0, 1.0)) != {0: 1, 1: 0}


def test_whoever_passes_in_front_is_not_taken_for_the_one_behind():
    people = [_person("a", [200.0, 200.0], ANNA)]
    assert assign(people, [_found(200.0, _towards(0.02))], Now(2, 0, 1.0)) == {}
    assert assign(people, [_found(200.0, _towards(0.25))], Now(2, 0, 1.0)) == {0: 0}, "a bad view of herself is kept"


def test_somebody_who_comes_back_elsewhere_is_known_again_but_only_by_a_recogniser():
    for embedding, expected in ((ANNA, {0: 0}), (None, {}), (BEN, {})):
        people = [_person("a", [50.0, 40.0], ANNA)]
        assert assign(people, [_found(400.0, embedding)], Now(9, 0, 1.0)) == expected
    assert assign([_person("a", [50.0, 40.0], ANNA)], [_found(400.0, ANNA)], Now(2, 0, 1.0)) == {}, "nobody leaps"


def test_after_a_cut_people_are_known_wherever_they_stand_and_strangers_are_not():
    people = [_person("a", [100.0], ANNA), _person("b", [300.0], BEN)]
    assert assign(people, [_found(100.0, BEN), _found(300.0, ANNA)], Now(1, 1, 1.0)) == {0: 1, 1: 0}
    assert assign(people, [_found(100.0, _towards(0.2, 2))], Now(1, 1, 1.0)) == {}


def test_another_light_does_not_hide_somebody_from_a_recogniser():
    people = [_person("a", [100.0], ANNA)]
    assert assign(people, [_found(100.0, ANNA, OTHER_LOOK)], Now(1, 1, 1.0)) == {0: 0}
    assert assign(people, [_found(100.0, None, OTHER_LOOK)], Now(1, 1, 1.0)) == {}


def test_the_border_moves_with_the_setting():
    people = [_person("a", [100.0], ANNA)]
    found = [_found(100.0, _towards(0.5))]
    assert assign(people, found, Now(1, 1, 1.0, same_person=0.35)) == {0: 0}
    assert assign(people, found, Now(1, 1, 1.0, same_person=0.65)) == {}


def test_a_bad_view_does_not_change_who_somebody_is():
    person = _person("a", [100.0, 100.0], ANNA)
    bad, good = _found(100.0, _towards(0.1)), _found(100.0, _towards(0.8))
    person.keep(2, Seen(bad.face), bad, 0.35)
    assert person.embedding is not None and float(person.embedding @ ANNA) > 0.9999
    person.keep(3, Seen(good.face), good, 0.35)
    assert 0.98 < float(person.embedding @ ANNA) < 0.9999 and abs(np.linalg.norm(person.embedding) - 1.0) < 1e-6


@pytest.mark.parametrize(
    ("xs", "sure"),
    [([112.0, 298.0], True), ([112.0], False), ([112.0, 298.0, 500.0], False), ([112.0, 130.0], False)],
    ids=["as expected", "one missing", "one more", "two in one place"],
)
def test_a_recogniser_is_asked_only_when_there_is_a_doubt(xs: list[float], sure: bool):
    people = [_person("a", [100.0, 106.0]), _person("b", [300.0, 299.0])]
    assert in_no_doubt(people, [_found(x) for x in xs], Now(2, 0, 1.0)) is sure


def test_two_who_come_close_are_a_doubt():
    people = [_person("a", [180.0, 200.0]), _person("b", [240.0, 230.0])]
    assert not in_no_doubt(people, [_found(215.0), _found(222.0)], Now(2, 0, 1.0))


def test_a_newcomer_who_proves_to_be_somebody_missing_becomes_him():
    old, other = _person("a", [100.0, 100.0], ANNA), _person("b", [300.0, 300.0], BEN)
    young = Person("c", ALIKE, 32)
    for row, embedding in ((5, _towards(0.2, 2)), (6, None)):
        candidate = _found(150.0, embedding)
        young.keep(row, Seen(candidate.face), candidate, 0.35)
    people = [old, other, young]
    assert known_again(people, {2: _found(150.0, _towards(0.2, 2))}, 0.35) is None, "not while he is seen badly"
    assert known_again(people, {2: _found(150.0)}, 0.35) is None, "nor without a recogniser"
    assert known_again(people, {2: _found(150.0, ANNA)}, 0.35) == (0, 2)
    assert known_again(people, {0: _found(100.0, ANNA), 2: _found(150.0, ANNA)}, 0.35) is None, "he is here already"
    old.join(young)
    assert sorted(old.rows) == [0, 1, 5, 6] and old.side == 32 and old.embedding is not None
    assert float(old.embedding @ ANNA) > 0.9999, "who he is was known better before"


def test_whoever_was_seen_at_the_same_time_is_not_the_same_person():
    old, young = _person("a", [100.0, 100.0, 100.0], ANNA), Person("c", ALIKE, 64)
    candidate = _found(150.0, ANNA)
    young.keep(2, Seen(candidate.face), candidate, 0.35)
    assert known_again([old, young], {1: candidate}, 0.35) is None


def test_somebody_missing_who_could_be_here_is_a_doubt():
    people = [_person("a", [100.0, 106.0, 112.0]), _person("b", [130.0, 131.0])]
    assert not in_no_doubt(people, [_found(118.0)], Now(3, 0, 1.0))
    people[1] = _person("b", [900.0, 901.0])
    assert in_no_doubt(people, [_found(118.0)], Now(3, 0, 1.0))


def test_motion_is_not_led_across_a_cut():
    person = _person("a", [100.0])
    far = _found(500.0)
    person.take, person.since = 1, 1
    person.keep(1, Seen(far.face), far, 0.35)
    centre, _ = person.expected(2, 1.0)
    assert abs(centre[0] - 500.0) < 30.0
    person.since = 0
    assert person.expected(2, 1.0)[0][0] > 800.0
