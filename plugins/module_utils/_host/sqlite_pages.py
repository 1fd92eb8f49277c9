# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Rows of small tables of a SQLite database that another process has open, without changing a byte of it.

SQLite's own library cannot do that: opened for reading it writes its marks into the C(-shm) file, and opened as
C(immutable) it passes over the write-ahead log, in which a Gateway's newest rows stand until it stops. So the pages
are read here, those in the log before those in the file, as SQLite's page "Database File Format" describes them.
What changes while it is read is read again.
"""

from __future__ import annotations

import os
import re
import stat
import struct

#: Most rows of a table, and most pages that are read for one look.
MAX_ROWS = 1000
_MAX_PAGES = 4000
_ATTEMPTS = 3
_MAGIC = b"SQLite format 3\0"
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_LEAF, _INTERIOR = 13, 5
#: Serial type of a column -> number of bytes of an integer.
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class NotReadable(ValueError):
    """It is no database that can be read here, or it changes faster than it is read."""


def read(path, tables, limit=MAX_ROWS):
    """Return table name -> list of rows (column name -> value), or None for a table that is not there.

    :param path: of the database. :param tables: names. :param limit: rows of each.
    :raises OSError: a file cannot be read. :raises NotReadable: see there.
    """
    for _attempt in range(_ATTEMPTS):
        before = _stamps(path)
        try:
            found = _read(path, tables, limit)
        except (struct.error, LookupError, ValueError, TypeError, AttributeError, RecursionError):
            found = None
        if _stamps(path) == before:
            if found is None:
                raise NotReadable("%s is no SQLite database that can be read" % path)
            return found
    raise NotReadable("%s changes while it is read" % path)


def _stamps(path):
    stamps = []
    for name in (path, path + "-wal", path + "-journal"):
        try:
            facts = os.stat(name)
        except FileNotFoundError:
            stamps.append(None)
        else:
            stamps.append((facts.st_ino, facts.st_size, facts.st_mtime_ns))
    return stamps


def _read(path, tables, limit):
    handles = []
    try:
        database = _opened(path, handles)
        try:
            log = _opened(path + "-wal", handles)
        except FileNotFoundError:
            log = None
        if log is None and os.path.exists(path + "-journal") and os.path.getsize(path + "-journal"):
            # Pages of the file belong to a transaction that may yet be taken back.
            raise NotReadable
        if not os.fstat(database).st_size and not (log is not None and os.fstat(log).st_size):
            # Made, and not written to yet.
            return dict.fromkeys(tables)
        pages = _Pages(database, log)
        schema = {row["name"]: row for row in pages.table(1, ("type", "name", "tbl_name", "rootpage", "sql"), MAX_ROWS)
                  if row["type"] == "table"}
        return {name: pages.table(schema[name]["rootpage"], columns_of(schema[name]["sql"]), limit)
                if name in schema else None for name in tables}
    finally:
        for handle in handles:
            os.close(handle)


def _opened(path, handles):
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    handles.append(handle)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise NotReadable
    return handle


def columns_of(sql):
    """Return the names of the columns in the text of a C(CREATE TABLE), as SQLite keeps it."""
    inside = sql[sql.index("(") + 1 : sql.rindex(")")]
    pieces, depth = [""], 0
    for text in re.split(r"([(),])", inside):
        depth += {"(": 1, ")": -1}.get(text, 0)
        if text == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += text
    words = [piece.split(None, 1) for piece in pieces if piece.strip()]
    constraints = ("PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT")
    return tuple(word[0].strip('"`[]') for word in words if word[0].split("(")[0].upper() not in constraints)


class _Pages:
    """The pages of a database as its last finished transaction left them."""

    def __init__(self, database, log):
        self._database, self._log = database, log
        header = os.pread(database, 100, 0)
        self._logged = {}
        if log is not None:
            self._index(log)
        if not header:
            # So young that all of it is in the log.
            header = self._frame(1, 100) if 1 in self._logged else b""
        if header[:16] != _MAGIC or struct.unpack_from(">I", header, 56)[0] not in (0, 1):
            raise NotReadable
        size = struct.unpack_from(">H", header, 16)[0]
        self._size = 65536 if size == 1 else size
        self._usable = self._size - header[20]
        self._left = _MAX_PAGES

    def _index(self, log):
        """Note where in the log the newest finished version of each page stands."""
        header = os.pread(log, _WAL_HEADER, 0)
        if len(header) < _WAL_HEADER:
            return
        magic, _version, size = struct.unpack_from(">III", header)
        if magic not in _WAL_MAGIC:
            raise NotReadable
        salts, unfinished = header[16:24], {}
        position, end = _WAL_HEADER, os.fstat(log).st_size
        while position + _FRAME_HEADER + size <= end:
            frame = os.pread(log, _FRAME_HEADER, position)
            number, commit = struct.unpack_from(">II", frame)
            if frame[8:16] != salts:
                # Left over from before the log was begun anew.
                break
            unfinished[number] = position + _FRAME_HEADER
            if commit:
                self._logged.update(unfinished)
                unfinished = {}
            position += _FRAME_HEADER + size

    def _frame(self, number, size):
        return os.pread(self._log, size, self._logged[number])

    def page(self, number):
        self._left -= 1
        if self._left < 0 or number < 1:
            raise NotReadable
        if number in self._logged:
            data = self._frame(number, self._size)
        else:
            data = os.pread(self._database, self._size, (number - 1) * self._size)
        if len(data) != self._size:
            raise NotReadable
        return data

    def table(self, root, columns, limit):
        """Return the rows of the table whose tree begins at a page."""
        rows = []
        for values in self._walk(root):
            if len(rows) >= limit:
                break
            rows.append(dict(zip(columns, values + [None] * (len(columns) - len(values)))))
        return rows

    def _walk(self, number):
        data = self.page(number)
        start = 100 if number == 1 else 0
        kind, count = data[start], struct.unpack_from(">H", data, start + 3)[0]
        if kind not in (_LEAF, _INTERIOR):
            raise NotReadable
        after = start + (8 if kind == _LEAF else 12)
        for cell in struct.unpack_from(">%dH" % count, data, after):
            if kind == _INTERIOR:
                yield from self._walk(struct.unpack_from(">I", data, cell)[0])
            else:
                yield self._record(data, cell)
        if kind == _INTERIOR:
            yield from self._walk(struct.unpack_from(">I", data, start + 8)[0])

    def _record(self, data, cell):
        length, cell = _varint(data, cell)
        _rowid, cell = _varint(data, cell)
        payload = self._payload(data, cell, length)
        head, position = _varint(payload, 0)
        body, values = head, []
        while position < head:
            serial, position = _varint(payload, position)
            value, body = _value(payload, body, serial)
            values.append(value)
        return values

    def _payload(self, data, cell, length):
        most = self._usable - 35
        if length <= most:
            return data[cell : cell + length]
        least = (self._usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (self._usable - 4)
        here = here if here <= most else least
        pieces, left = [data[cell : cell + here]], length - here
        following = struct.unpack_from(">I", data, cell + here)[0]
        while left > 0:
            page = self.page(following)
            following = struct.unpack_from(">I", page)[0]
            pieces.append(page[4 : 4 + min(left, self._usable - 4)])
            left -= len(pieces[-1])
        return b"".join(pieces)


def _varint(data, position):
    value = 0
    for _byte in range(8):
        byte = data[position]
        position += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position
    return value << 8 | data[position], position + 1


def _value(data, position, serial):
    """Return (value, position of the next one) of a column of a record."""
    if serial in _INTEGERS:
        end = position + _INTEGERS[serial]
        return int.from_bytes(data[position:end], "big", signed=True), end
    if serial == 7:
        return struct.unpack_from(">d", data, position)[0], position + 8
    if serial < 12:
        return {8: 0, 9: 1}.get(serial), position
    end = position + (serial - 12) // 2
    piece = data[position:end]
    return (piece.decode("utf-8") if serial % 2 else piece), end
