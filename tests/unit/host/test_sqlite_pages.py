# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a database that somebody else has open, read without changing a byte."""
import hashlib
import os
import random
import sqlite3

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import sqlite_pages

CREATE = """CREATE TABLE things (
  name TEXT NOT NULL PRIMARY KEY, number INTEGER, ratio REAL, "text" TEXT, blob BLOB,
  CHECK (number IS NULL OR number > -99), UNIQUE (name, ratio)
)"""


@pytest.fixture
def opened(tmp_path):
    """A connection in WAL mode that never moves its log into the file by itself."""
    connection = sqlite3.connect(str(tmp_path / "state.sqlite"))
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute(CREATE)
    connection.commit()
    yield connection
    connection.close()


def read(tmp_path, limit=10**6):
    rows = sqlite_pages.read(str(tmp_path / "state.sqlite"), ["things", "none"], limit)
    assert rows["none"] is None
    return [tuple(row.values()) for row in rows["things"]]


def rows_of(connection):
    return connection.execute("SELECT * FROM things").fetchall()


def tree(tmp_path):
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), os.stat(path).st_mtime_ns)
            for path in tmp_path.iterdir()}


@pytest.mark.parametrize("seed", range(12))
def test_it_sees_what_sqlite_sees(tmp_path, opened, seed):
    dice = random.Random(seed)
    for number in range(dice.choice((0, 3, 700))):
        size = dice.choice((0, 5, 300, 5000, 40000) if number % 50 == 0 else (0, 5, 60))
        row = ("k%d" % number, dice.choice((None, 0, 1, -5, 127, -98, 2**15, 2**23, 2**31, 2**47, 2**62)),
               dice.choice((None, 0.5, 1e300)), "ü" * size, bytes(size))
        opened.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", row)
        if dice.random() < 0.01:
            opened.commit()
            opened.execute("PRAGMA wal_checkpoint(%s)" % dice.choice(("PASSIVE", "RESTART")))
    opened.execute("DELETE FROM things WHERE number = 127")
    opened.commit()
    before = tree(tmp_path)
    found = read(tmp_path)
    assert tree(tmp_path) == before
    # The library itself writes its marks into the -shm file for this.
    assert sorted(found, key=str) == sorted(rows_of(opened), key=str)


def test_what_is_not_committed_is_not_there_and_what_only_the_log_holds_is(tmp_path, opened):
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.execute("INSERT INTO things (name) VALUES ('in the log')")
    opened.commit()
    opened.execute("INSERT INTO things (name, text) VALUES ('never', ?)", ("x" * 500000,))
    # The very library says nothing of the row, where it must not touch the files.
    untouched = sqlite3.connect("file:%s?mode=ro&immutable=1" % (tmp_path / "state.sqlite"), uri=True)
    assert untouched.execute("SELECT count(*) FROM things").fetchone() == (0,)
    untouched.close()
    assert [row[0] for row in read(tmp_path)] == ["in the log"]


def test_columns_added_later_are_empty_in_older_rows(tmp_path, opened):
    opened.execute("INSERT INTO things (name) VALUES ('old')")
    opened.execute("ALTER TABLE things ADD COLUMN added TEXT")
    opened.commit()
    assert read(tmp_path)[0][-1] is None


def test_only_so_many_rows(tmp_path, opened):
    opened.executemany("INSERT INTO things (name) VALUES (?)", [("k%d" % number,) for number in range(50)])
    opened.commit()
    assert len(read(tmp_path, 7)) == 7


def test_no_log_and_an_empty_file(tmp_path, opened):
    opened.execute("INSERT INTO things (name) VALUES ('one')")
    opened.commit()
    opened.execute("PRAGMA journal_mode=delete")
    assert [row[0] for row in read(tmp_path)] == ["one"]
    empty = tmp_path / "empty.sqlite"
    empty.write_bytes(b"")
    assert sqlite_pages.read(str(empty), ["things"]) == {"things": None}


def test_a_transaction_that_may_be_taken_back_is_no_answer(tmp_path, opened):
    opened.execute("PRAGMA journal_mode=delete")
    (tmp_path / "state.sqlite-journal").write_bytes(b"x" * 600)
    with pytest.raises(sqlite_pages.NotReadable):
        read(tmp_path)


def test_what_changes_all_the_time_is_no_answer(tmp_path, opened, monkeypatch):
    stamps = iter(range(100))
    monkeypatch.setattr(sqlite_pages, "_stamps", lambda path: next(stamps))
    with pytest.raises(sqlite_pages.NotReadable, match="changes"):
        read(tmp_path)


@pytest.mark.parametrize("seed", range(30))
def test_rubbish_is_told_and_never_hangs(tmp_path, opened, seed):
    opened.executemany("INSERT INTO things (name, text) VALUES (?, ?)", [("k%d" % n, "x" * n) for n in range(300)])
    opened.commit()
    opened.execute("PRAGMA journal_mode=delete")
    dice, path = random.Random(seed), tmp_path / "state.sqlite"
    data = bytearray(path.read_bytes())
    for _turn in range(dice.choice((1, 30, 3000))):
        data[dice.randrange(len(data))] = dice.randrange(256)
    path.write_bytes(bytes(data[: dice.choice((len(data), len(data) // 2, 50))]))
    try:
        rows = read(tmp_path)
    except sqlite_pages.NotReadable:
        return
    assert len(rows) <= 100000


def test_there_is_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        sqlite_pages.read(str(tmp_path / "none.sqlite"), ["things"])


@pytest.mark.skipif(os.geteuid() != 0, reason="what may not be read takes another account")
def test_a_link_is_not_followed(tmp_path, opened):
    os.symlink("state.sqlite", str(tmp_path / "link.sqlite"))
    with pytest.raises(OSError):
        sqlite_pages.read(str(tmp_path / "link.sqlite"), ["things"])
