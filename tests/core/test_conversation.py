"""A conversation in reading order, whatever order a service gives it in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.conversation import arranged
from mbclient.core.ports import Thread
from mbclient.domain.post import Post, PostKind
from tests.core.fakes import a_post


def answer(name: str, to: str) -> Post:
    return a_post(remote_id=name, kind=PostKind.REPLY, in_reply_to=to)


def order(thread: Thread) -> list[tuple[str, int]]:
    return [(post.remote_id, level) for post, level in arranged(thread)]


def test_each_answer_stands_below_what_it_answers() -> None:
    by_time = (answer("2", "1"), answer("3", "1"), answer("4", "2"), answer("5", "4"), answer("6", "3"))
    thread = Thread((a_post(remote_id="0"),), answer("1", "0"), by_time)
    assert order(thread) == [("0", 0), ("1", 0), ("2", 1), ("4", 2), ("5", 3), ("3", 1), ("6", 2)]


def test_what_answers_a_missing_post_stands_at_the_end() -> None:
    thread = Thread((), a_post(remote_id="1"), (answer("3", "gone"), answer("4", "3"), answer("2", "1")))
    assert order(thread) == [("1", 0), ("2", 1), ("3", 1), ("4", 2)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12)), max_size=12))
def test_nothing_is_lost_or_told_twice_and_circles_end(pairs: list[tuple[int, int]]) -> None:
    below = tuple(answer(str(name), str(to)) for name, to in pairs)
    names = [name for name, _level in order(Thread((), a_post(remote_id="0"), below))]
    assert sorted(names) == sorted({"0", *(post.remote_id for post in below)})


def test_a_thousand_answers_in_a_row_are_no_matter() -> None:
    below = tuple(answer(str(number + 1), str(number)) for number in range(2000))
    assert order(Thread((), a_post(remote_id="0"), below))[-1] == ("2000", 2000)
