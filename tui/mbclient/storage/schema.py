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
    # Without content: rows are taken out with the words that went in (codec_posts.search_text). å, ä, ö stay letters.
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

# `words`: how many a post has, counted when it is written; weeks of posts are summed up in one go. And through which
# account a post was read, '' where that was not kept: an account may be made pseudonymous later (policy facts 7).
_FIGURES = (
    "ALTER TABLE entry ADD COLUMN words INTEGER NOT NULL DEFAULT 0",
    """UPDATE entry SET words = (SELECT count(*) FROM json_each('[' || replace(json_quote(
        replace(replace(json_extract(body, '$.text'), char(10), ' '), char(9), ' ')), ' ', '","') || ']')
        WHERE value <> '') WHERE json_valid(body) AND json_type(body, '$.text') = 'text'""",
    "ALTER TABLE reading_piece ADD COLUMN account TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE reading_sum RENAME TO reading_sum_before",
    """CREATE TABLE reading_sum (
        day TEXT NOT NULL,
        work INTEGER NOT NULL,
        activity TEXT NOT NULL,
        service TEXT NOT NULL,
        account TEXT NOT NULL,
        related INTEGER NOT NULL,
        length INTEGER NOT NULL,
        PRIMARY KEY (day, work, activity, service, account, related)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO reading_sum SELECT day, work, activity, service, '', related, length FROM reading_sum_before",
    "DROP TABLE reading_sum_before",
    "ALTER TABLE reading_term RENAME TO reading_term_before",
    """CREATE TABLE reading_term (
        day TEXT NOT NULL,
        work INTEGER NOT NULL,
        service TEXT NOT NULL,
        account TEXT NOT NULL,
        term TEXT NOT NULL,
        length INTEGER NOT NULL,
        PRIMARY KEY (day, work, service, account, term)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO reading_term SELECT day, work, '', '', term, length FROM reading_term_before",
    "DROP TABLE reading_term_before",
)

# How many entries a view has, for any account ('') and for each: looked up, because counting grows with the archive.
# Two statements in the trigger: an upsert there would be taken over by the OR IGNORE of who inserts.
_COUNTS = (
    """CREATE TABLE view_count (
        view TEXT NOT NULL,
        account TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (view, account)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO view_count SELECT view, account, count(*) FROM entry_view GROUP BY view, account",
    """CREATE TRIGGER entry_view_more AFTER INSERT ON entry_view BEGIN
        INSERT OR IGNORE INTO view_count VALUES (new.view, new.account, 0);
        UPDATE view_count SET number = number + 1 WHERE view = new.view AND account = new.account;
    END""",
    """CREATE TRIGGER entry_view_less AFTER DELETE ON entry_view BEGIN
        UPDATE view_count SET number = number - 1 WHERE view = old.view AND account = old.account;
    END""",
)

# A post and its boosts, which were two entries, become one: the post's, with the boosts among its `boosters` as the
# codec writes them. `way`: how it came, at all and to an account, see ways.py. What hides it is sifted anew. The words
# of the entries that go stay in the index and lead nowhere.
_ONE_ENTRY = (
    "ALTER TABLE entry RENAME COLUMN boost TO way",
    "CREATE TABLE pair (post INTEGER PRIMARY KEY, boost INTEGER NOT NULL UNIQUE) STRICT",
    """INSERT INTO pair SELECT post.key, boost.key FROM entry AS boost JOIN entry AS post ON post.uri = boost.uri
        AND post.way = 0 WHERE boost.way = 1 AND json_valid(post.body) AND json_valid(boost.body)
        AND json_valid(post.marks) AND json_valid(boost.marks) AND json_valid(post.ids) AND json_valid(boost.ids)""",
    """UPDATE entry SET related = max(entry.related, boost.related),
        body = json_set(entry.body, '$.boosters', (SELECT json_group_array(json(one)) FROM (
            SELECT json_array(json_extract(boost.body, '$.by'), ifnull(boost.body ->> '$.boost_id', ''),
                boost.body ->> '$.boosted_at', ifnull(boost.body ->> '$.account', '')) AS one
            UNION ALL SELECT value FROM json_each(boost.body, '$.boosters')))),
        marks = json_patch(entry.marks, (SELECT json_group_object(mark.key, json(mark.value))
            FROM json_each(boost.marks) AS mark WHERE mark.key NOT LIKE 'hidden' || char(9) || '%')),
        ids = (SELECT json_group_array(value) FROM (SELECT value FROM json_each(entry.ids)
            UNION ALL SELECT value FROM json_each(boost.ids)
            WHERE value NOT IN (SELECT value FROM json_each(entry.ids))))
        FROM pair JOIN entry AS boost ON boost.key = pair.boost WHERE entry.key = pair.post""",
    "ALTER TABLE sight ADD COLUMN way INTEGER NOT NULL DEFAULT 0",
    "UPDATE sight SET way = 1 WHERE key IN (SELECT key FROM entry WHERE way = 1)",
    """INSERT OR IGNORE INTO sight SELECT account, remote_id, pair.post, ifnull(sight.body, boost.body), 1
        FROM pair JOIN sight ON sight.key = pair.boost JOIN entry AS boost ON boost.key = pair.boost""",
    """INSERT OR IGNORE INTO entry_view SELECT mark.key, sight.account, pair.post
        FROM pair JOIN entry ON entry.key = pair.post JOIN sight ON sight.key = pair.post, json_each(marks) AS mark""",
    """INSERT OR IGNORE INTO entry_view SELECT mark.key, '', pair.post
        FROM pair JOIN entry ON entry.key = pair.post, json_each(marks) AS mark""",
    "DELETE FROM entry_view WHERE key IN (SELECT boost FROM pair)",
    "DELETE FROM sight WHERE key IN (SELECT boost FROM pair)",
    "DELETE FROM entry WHERE key IN (SELECT boost FROM pair)",
    # what is damaged is fetched again
    "DELETE FROM entry WHERE way = 1 AND uri IN (SELECT uri FROM entry WHERE way = 0)",
    "DROP TABLE pair",
    "DROP INDEX entry_of_uri",
    "CREATE UNIQUE INDEX entry_of_uri ON entry (uri)",
    "ALTER TABLE entry DROP COLUMN counted",
    "DELETE FROM feed_state WHERE account = '' AND kind = 'sifted'",
)

# Posts made small (rows.py): what comes from now on is kept so, what was there stays as it is and is read so. Who has
# seen an entry stands in the entry itself.
_COMPACT = (
    """CREATE TABLE author (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        newest INTEGER NOT NULL,
        hash INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX author_by_hash ON author (hash)",
    "ALTER TABLE entry ADD COLUMN packed BLOB",
    "ALTER TABLE entry ADD COLUMN author INTEGER",
    "ALTER TABLE entry ADD COLUMN coarse INTEGER NOT NULL DEFAULT 0",
    """CREATE VIRTUAL TABLE entry_words USING fts5 (
        text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 0'
    )""",
    "DROP INDEX sight_of_entry",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _GAPS_AND_SEEN,
    _READING,
    _EXPENSES,
    _REPORTS,
    _FIGURES,
    _COUNTS,
    _ONE_ENTRY,
    _COMPACT,
)
VERSION = len(MIGRATIONS)

FULL_TEXT = ("entry_text", "entry_words")  # each with tables of its own, whose names begin so

# What can be fetched again; everything else is in the daily copies.
REFETCHABLE = (
    "entry",
    "author",
    "sight",
    "entry_view",
    "view_count",
    *FULL_TEXT,
    "feed_state",
    "notification",
    "gap",
)
