# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading logs: only so much, of so many files, for so long; and whatever lies there."""
import bz2
import collections
import os
import random
import time
import tracemalloc

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import logs

ME = collections.namedtuple("Account", "name uid gid home")("me", os.geteuid(), os.getegid(), "/")
READY = b"2026-11-21T17:43:25.735+00:00 [gateway] ready\n"
ALL = logs.Bounds(1 << 20, 0.0)


def read(path, bounds=ALL, **more):
    return logs.read("service", str(path), ME, bounds, **more)


def ready(found):
    return found["counters"]["starts"].get("ready", 0)


@pytest.fixture()
def log(tmp_path):
    return tmp_path / "gateway.log"


def test_a_log(log):
    log.write_bytes(READY * 3)
    found = read(log)
    assert ready(found) == 3
    assert {key: found[key] for key in ("read", "complete", "notes", "files", "bytes", "lines", "unreadable")} == {
        "read": True, "complete": True, "notes": [], "files": [str(log)], "bytes": 3 * len(READY), "lines": 3,
        "unreadable": 0,
    }  # fmt: skip
    assert (found["first"], found["last"]) == ("2026-11-21T17:43:25Z",) * 2


def test_no_log_is_not_an_empty_one(log):
    found = read(log)
    assert (found["read"], found["complete"], found["counters"], found["notes"]) == (False, False, None, [])
    log.write_bytes(b"")
    found = read(log)
    assert (found["read"], found["complete"], found["lines"]) == (True, True, 0)


def test_a_line_without_its_end_counts_and_one_without_its_beginning_does_not(log):
    log.write_bytes(READY * 3 + READY.rstrip())
    assert ready(read(log)) == 4
    found = read(log, logs.Bounds(2 * len(READY) + 5, 0.0))
    assert ready(found) == 2 and not found["complete"] and "last" in found["notes"][0]


def test_what_was_rotated_comes_first_and_the_bytes_are_shared(log):
    old, older = log.with_name("gateway.log.0"), log.with_name("gateway.log.1")
    for age, path in enumerate((log, old, older)):
        path.write_bytes(READY * 10)
        os.utime(path, (10**9 - age, 10**9 - age))
    log.with_name("gateway.log.2.bz2").write_bytes(bz2.compress(READY))
    log.with_name("gateway.log.backup").write_bytes(READY)
    found = read(log)
    assert ready(found) == 30 and found["files"] == [str(log), str(old), str(older)]
    assert found["notes"] == ["%s.2.bz2 is packed and not read" % log]
    found = read(log, logs.Bounds(15 * len(READY), 0.0))
    assert ready(found) == 15 - 1 and len(found["notes"]) == 3  # the cut is at the end of a line; nobody can know
    assert ready(read(log, logs.Bounds(1 << 20, 10**9 - 0.5))) == 10


def test_the_gateways_own_log_has_a_file_a_day(tmp_path):
    names = ["openclaw-2026-11-20.log", "openclaw-2026-11-21.1.log", "openclaw-2026-11-21.log"]
    others = ["openclaw-work-2026-11-21.log", "openclaw.log", "x.log", "openclaw-2026-11-21.log.gz"]
    for name in names + others:
        (tmp_path / name).write_bytes(READY)
    found = read(tmp_path / "openclaw-2026-11-21.log")
    assert found["files"] == [str(tmp_path / name) for name in names]


def test_a_rotation_while_it_is_read_takes_nothing_away(log):
    log.write_bytes(READY * 3000)

    moved = []

    def clock():
        # The first call is after the files were opened.
        if not moved:
            moved.append(log.rename(log.with_name("gateway.log.0")))
            log.write_bytes(READY)
        return 0.0

    found = read(log, clock=clock)
    assert ready(found) == 3000 and found["complete"]


def test_cut_short_while_it_is_read(log):
    log.write_bytes(READY * 10000)
    cuts = iter([None, None, lambda: os.truncate(log, 70000)])
    found = read(log, clock=lambda: (next(cuts, None) or float)() or 0.0)
    assert 0 < ready(found) < 10000 and "cut short" in found["notes"][0]


def test_it_grows_while_it_is_read(log):
    log.write_bytes(READY * 10)
    with log.open("ab", buffering=0) as stream:
        assert ready(read(log, clock=lambda: stream.write(READY * 5000) * 0.0)) == 10


@pytest.mark.parametrize("kind", ["link", "fifo", "directory", "socket"])
def test_what_is_no_file_is_said_and_holds_nobody_up(log, kind):
    secret = log.with_name("secret")
    secret.write_bytes(READY)
    make = {
        "link": lambda: log.symlink_to(secret),
        "fifo": lambda: os.mkfifo(str(log)),
        "directory": log.mkdir,
        "socket": lambda: os.mknod(str(log), 0o140600),
    }
    make[kind]()
    found = read(log)
    assert not found["read"] and found["counters"] is None and str(log) in found["notes"][0]


@pytest.mark.skipif(os.geteuid() != 0, reason="root only")
def test_it_is_read_with_the_rights_of_the_account(tmp_path, log):
    log.write_bytes(READY)
    log.chmod(0o600)
    for path in [tmp_path, *tmp_path.parents][:3]:
        path.chmod(0o755)
    found = logs.read("service", str(log), ME._replace(uid=65534, gid=65534), ALL)
    assert not found["read"] and "Permission denied" in found["notes"][0]


def test_no_time_left_is_said(log):
    log.write_bytes(READY * 10000)
    ticks = iter(range(1000))
    found = read(log, logs.Bounds(1 << 20, 0.0, 3.0), clock=lambda: float(next(ticks)))
    assert 0 < ready(found) < 10000 and "no time for" in found["notes"][0] and not found["complete"]


def test_an_endless_line_costs_no_memory_and_hides_no_other(log):
    log.write_bytes(READY + b"x" * (32 << 20) + b"\n" + READY)
    tracemalloc.start()
    began = time.monotonic()
    found = read(log, logs.Bounds(64 << 20, 0.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ready(found) == 2 and found["unreadable"] == 1
    assert peak < 4 << 20 and time.monotonic() - began < 10


PIECES = (
    READY, b"\0" * 50, b"\n", b"{", b'{"message":"x",', b"\x1b[3", b"\xff" * 30, b'"' * 20, b"closed before connect ",
    b"code=", b" cause=", b"x" * 5000, b"2026-11-21T17:43:25Z loading configuration\n",
    b'{"0":"{\\"subsystem\\":\\"a\\"}","message":"gateway ready"}\n',
)  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_whatever_lies_there(log, seed):
    """Bounded in memory and time, and every byte is accounted for."""
    dice = random.Random(seed)
    data = b"".join(dice.choice(PIECES) * dice.choice((1, 1, 7, 90)) for _number in range(dice.randrange(300)))
    log.write_bytes(data)
    size = dice.choice((0, 1, len(READY), 70000, 1 << 20))
    tracemalloc.start()
    found = read(log, logs.Bounds(size, 0.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["bytes"] == min(size, len(data)) and peak < 4 << 20
    assert found["complete"] == (size >= len(data))
    assert found["lines"] + found["unreadable"] + found["undated"] <= data.count(b"\n") + 1
    assert max((len(counts) for counts in found["counters"].values()), default=0) <= 21
