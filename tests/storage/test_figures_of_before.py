"""A file of before words and accounts were kept: it is counted as it was, and nothing in it stops the start."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.figurestores import ReadingSum, TermSum
from mbclient.storage import open_stores
from tests.storage.earlier import earlier_file
from tests.storage.posts import FixedClock
from tests.storage.test_reading import DAY

BEFORE = 5  # migrations
TEXTS = {
    "one two three": 3,
    'C:\\new \\" "quoted"  words': 4,
    " ": 0,
    "": 0,
    "a\nb\tc\n\nd": 4,
    "å ä ö 🦉 \u2028 漢字": 6,
}


@pytest.fixture
def old(data_dir: Path) -> Path:
    return earlier_file(data_dir, BEFORE)


def test_words_are_counted_and_what_is_broken_stays_as_it_is(old: Path, clock: FixedClock) -> None:
    bodies = [*(json.dumps({"text": text}) for text in TEXTS), "no json", "[]", '{"text": 5}']
    with closing(sqlite3.connect(old)) as db, db:
        db.executemany(
            "INSERT INTO entry VALUES (?, ?, 0, 1, 0, 'mastodon', '[\"a:1\"]', '{}', ?)",
            [(number, f"u{number}", body) for number, body in enumerate(bodies)],
        )
    open_stores(old.parent, clock).close()
    with closing(sqlite3.connect(old)) as db:
        found = [words for (words,) in db.execute("SELECT words FROM entry ORDER BY key")]
    assert found[: len(TEXTS)] == list(TEXTS.values())
    assert found[len(TEXTS) :] == [0, 0, 0]


def test_reading_time_is_kept_without_an_account(old: Path, clock: FixedClock) -> None:
    with closing(sqlite3.connect(old)) as db, db:
        day = DAY.isoformat()
        db.execute("INSERT INTO reading_day VALUES (?)", (day,))
        db.execute("INSERT INTO reading_sum VALUES (?, 1, 'reading', 'mastodon', 1, 60000000)", (day,))
        db.execute("INSERT INTO reading_term VALUES (?, 1, 'cve', 60000000)", (day,))
        db.execute(
            "INSERT INTO reading_piece VALUES (1, 0, 60000000, ?, 1, 'reading', 'mastodon', '[\"cve\"]')", (day,)
        )
    stores = open_stores(old.parent, clock)
    minute = timedelta(minutes=1)
    assert stores.reading.sums(DAY, DAY) == [ReadingSum(DAY, True, "reading", "mastodon", True, minute)]
    assert stores.reading.term_sums(DAY, DAY) == [TermSum(DAY, True, "cve", minute)]
    (piece,) = stores.reading.pieces(DAY, DAY)
    assert (piece.account, piece.terms) == ("", ("cve",))
    stores.close()
