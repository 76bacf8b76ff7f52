"""A conversation in the order in which it is read: each answer right below what it answers, one level further in."""

from __future__ import annotations

from collections.abc import Sequence

from mbclient.core.ports import Thread
from mbclient.domain.post import Post


def arranged(thread: Thread) -> Sequence[tuple[Post, int]]:
    """(post, level): what leads to the post and the post itself on level 0, answers to it on 1, to these on 2.

    Answers to one post keep the service's order. What answers a post that is not there stands on level 1, at the end.
    """
    answers: dict[str, list[Post]] = {}
    for post in thread.descendants:
        answers.setdefault(post.in_reply_to or "", []).append(post)
    made = [*((post, 0) for post in thread.ancestors), (thread.post, 0)]
    seen = {post.remote_id for post, _level in made}

    def go_down(waiting: list[tuple[Post, int]]) -> None:
        while waiting:
            post, level = waiting.pop()
            if post.remote_id not in seen:
                seen.add(post.remote_id)
                made.append((post, level))
                waiting += ((below, level + 1) for below in reversed(answers.get(post.remote_id, ())))

    go_down([(post, 1) for post in reversed(answers.get(thread.post.remote_id, ()))])
    for post in thread.descendants:
        go_down([(post, 1)])
    return made
