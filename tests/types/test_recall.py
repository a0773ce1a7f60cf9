"""ff_vfx.types.recall: work remembered."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ff_vfx.types.recall import Recall, gathered


def test_it_keeps_what_it_may_and_forgets_the_oldest_used():
    recall, made = Recall(2), []
    for key in (1, 2, 1, 3, 1, 2):
        assert recall.get(key, lambda key=key: made.append(key) or key) == key
    assert made == [1, 2, 3, 2]


def test_nothing_is_kept_where_there_is_no_room_and_none_is_a_result_too():
    made: list[int] = []
    for capacity, times in ((0, 2), (1, 1)):
        recall, made = Recall(capacity), []
        assert [recall.get("key", lambda made=made: made.append(1)) for _ in range(2)] == [None, None]
        assert len(made) == times


def test_an_error_is_passed_on_and_not_remembered():
    recall = Recall(2)
    with pytest.raises(ZeroDivisionError):
        recall.get(1, lambda: 1 // 0)
    assert recall.get(1, lambda: 5) == 5


def test_threads_get_the_same_and_making_may_ask_for_another():
    recall = Recall(8)
    with ThreadPoolExecutor(4) as threads:
        found = list(
            threads.map(lambda n: recall.get(n % 3, lambda: recall.get("inner", lambda: 7) + n % 3), range(60))
        )
    assert found == [7 + n % 3 for n in range(60)]


def test_what_was_made_in_a_block_can_be_made_to_forget():
    before, found = Recall(4), list[Recall]()
    with gathered(found):
        inside = Recall(4)
    after = Recall(4)
    assert found == [inside]
    for recall in (before, inside, after):
        recall.get(1, lambda: "old")
    for recall in found:
        recall.forget()
    assert [recall.get(1, lambda: "new") for recall in (before, inside, after)] == ["old", "new", "old"]


def test_gathering_is_of_one_thread_and_ends_with_its_block():
    found: list[Recall] = []
    with gathered(found), ThreadPoolExecutor(1) as threads:
        threads.submit(Recall, 1).result()
    with pytest.raises(IndexError), gathered(found):
        [].pop()
    Recall(1)
    assert found == []
