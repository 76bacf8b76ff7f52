"""The tables of the data file, as ordered migrations; `user_version` counts those that were run.

A migration, once released, is never changed: a later one mends it. The tables `local_*` in the same file belong to
the local service, which keeps its own version.
"""

from __future__ import annotations

APPLICATION_ID = 0x6D62636C  # "mbcl": tells our file from any other SQLite file

_FIRST = (
    # One row a timeline entry. `key` = milliseconds * 4096 + tiebreak: order, paging and full text all use it
    # (speed facts 4). `uri` and `boost` say what is the same entry; `counted`: the first entry of its post, which
    # statistics count once; `related`: matches a work term. `ids`: every account:remote_id that saw it, the one whose
    # copy `body` is first. `marks`: {view: [matched terms]}, the truth that `entry_view` is the index of.
    """CREATE TABLE entry (
        key INTEGER PRIMARY KEY,
        uri TEXT NOT NULL,
        boost INTEGER NOT NULL,
        counted INTEGER NOT NULL,
        related INTEGER NOT NULL,
        service TEXT NOT NULL,
        ids TEXT NOT NULL,
        marks TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX entry_of_uri ON entry (uri, boost)",
    # Which account has seen an entry under which id. `body`: its own copy, NULL where the entry's body is that.
    """CREATE TABLE sight (
        account TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        key INTEGER NOT NULL,
        body TEXT,
        PRIMARY KEY (account, remote_id, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX sight_of_entry ON sight (key)",
    # Membership, once for each account that has seen the entry and once for any ('').
    """CREATE TABLE entry_view (
        view TEXT NOT NULL,
        account TEXT NOT NULL,
        key INTEGER NOT NULL,
        PRIMARY KEY (view, account, key)
    ) STRICT, WITHOUT ROWID""",
    # Without content: rows are taken out with the words that went in (codec.search_text). å, ä, ö stay letters.
    """CREATE VIRTUAL TABLE entry_text USING fts5 (
        text, content = '', tokenize = 'unicode61 remove_diacritics 0'
    )""",
    """CREATE TABLE feed_state (
        account TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        newest TEXT,
        oldest TEXT,
        as_of INTEGER,
        PRIMARY KEY (account, kind, name)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE place (view TEXT PRIMARY KEY, key INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE notification (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (account, remote_id)
    ) STRICT""",
    "CREATE INDEX notification_by_time ON notification (at)",
    """CREATE TABLE draft (
        id TEXT PRIMARY KEY,
        saved_at INTEGER NOT NULL,
        cursor INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        outbox TEXT NOT NULL,
        account TEXT NOT NULL,
        position INTEGER NOT NULL,
        key TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (outbox, account, position)
    ) STRICT""",
    "CREATE INDEX outbox_by_state ON outbox (state)",
    # `words`: the normalised text that tells whether posts of two services are one group (policy facts 7).
    """CREATE TABLE ledger (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        service TEXT NOT NULL,
        kind TEXT NOT NULL,
        segments INTEGER NOT NULL,
        grouped TEXT NOT NULL,
        status TEXT NOT NULL,
        visibility TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        text TEXT NOT NULL,
        words TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX ledger_post ON ledger (account, remote_id) WHERE remote_id <> ''",
    "CREATE INDEX ledger_by_time ON ledger (at)",
    "CREATE INDEX ledger_by_account ON ledger (account, at)",
    "CREATE TABLE role_seen (role TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE decision (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT",
    "CREATE INDEX decision_by_time ON decision (at)",
)

# Holes in the home feeds, each at its place in the order of entries; and how far up a view has been seen.
_GAPS_AND_SEEN = (
    """CREATE TABLE gap (
        key INTEGER NOT NULL,
        account TEXT NOT NULL,
        since INTEGER NOT NULL,
        cursor TEXT NOT NULL,
        PRIMARY KEY (account, key)
    ) STRICT, WITHOUT ROWID""",
    "ALTER TABLE place ADD COLUMN seen INTEGER",
)

# Reading time (policy facts 14): pieces in microseconds, and their sums by day, which live longer. `terms`: JSON.
_READING = (
    """CREATE TABLE reading_piece (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        length INTEGER NOT NULL,
        day TEXT NOT NULL,
        work INTEGER NOT NULL,
        activity TEXT NOT NULL,
        service TEXT NOT NULL,
        terms TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX reading_piece_by_day ON reading_piece (day)",
    """CREATE TABLE reading_sum (
        day TEXT NOT NULL,
        work INTEGER NOT NULL,
        activity TEXT NOT NULL,
        service TEXT NOT NULL,
        related INTEGER NOT NULL,
        length INTEGER NOT NULL,
        PRIMARY KEY (day, work, activity, service, related)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE reading_term (
        day TEXT NOT NULL,
        work INTEGER NOT NULL,
        term TEXT NOT NULL,
        length INTEGER NOT NULL,
        PRIMARY KEY (day, work, term)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE reading_day (day TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)

# What services charge, in millionths of a US dollar. `expense_held`: set aside before a call, until its answer.
# `expense_billed`: what was paid for today, for the same thing costs once a day.
_EXPENSES = (
    """CREATE TABLE expense (
        account TEXT NOT NULL,
        month TEXT NOT NULL,
        what TEXT NOT NULL,
        number INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (account, month, what)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE expense_held (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL,
        month TEXT NOT NULL,
        what TEXT NOT NULL,
        amount INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE expense_billed (
        account TEXT NOT NULL,
        resource TEXT NOT NULL,
        day TEXT NOT NULL,
        PRIMARY KEY (account, resource)
    ) STRICT, WITHOUT ROWID""",
)

# The number that tells one employee's company report of a period from the others' (policy facts 15).
_REPORTS = (
    """CREATE TABLE report_period (
        period TEXT PRIMARY KEY,
        contributor TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _GAPS_AND_SEEN, _READING, _EXPENSES, _REPORTS)
VERSION = len(MIGRATIONS)

# What can be fetched again; everything else is in the daily copies.
REFETCHABLE = ("entry", "sight", "entry_view", "entry_text", "feed_state", "notification", "gap")
