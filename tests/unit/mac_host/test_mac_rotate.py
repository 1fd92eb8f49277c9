# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that keeps logs short: whoever writes goes on, and nothing goes that was not copied."""
import errno
import os
import stat
import subprocess
import sys
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import jobs, rotate

#: Numbers its lines, for as long as its input is open. Opened for appending, as launchd opens a log.
WRITER = """
import os, select, sys
log, number = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 0
while not select.select([0], [], [], 0)[0]:
    for _ in range(100):
        number += 1
        os.write(log, b"%09d a line of a log, as long as such lines are\\n" % number)
print(number)
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "gateway.log"
    path.write_bytes(b"x" * 100)
    return path


def names(log):
    return sorted(os.listdir(str(log.parent)))


def test_a_small_one_is_left(log):
    assert rotate.rotate(str(log), 100, 3) is False
    assert names(log) == ["gateway.log"]


def test_a_large_one_is_copied_and_emptied_in_place(log):
    inode = log.stat().st_ino
    assert rotate.rotate(str(log), 99, 3) is True
    assert log.stat().st_ino == inode and log.read_bytes() == b""
    copy = log.parent / "gateway.log.1"
    assert copy.read_bytes() == b"x" * 100 and copy.stat().st_mode & 0o777 == 0o600


def test_copies_grow_old_and_the_oldest_goes(log):
    for number in range(5):
        log.write_bytes(b"%d" % number * 10)
        rotate.rotate(str(log), 1, 3)
    assert names(log) == ["gateway.log", "gateway.log.1", "gateway.log.2", "gateway.log.3"]
    assert [(log.parent / ("gateway.log.%d" % age)).read_bytes()[:1] for age in (1, 2, 3)] == [b"4", b"3", b"2"]


def test_with_one_copy_it_is_replaced(log):
    rotate.rotate(str(log), 1, 1)
    log.write_bytes(b"yy")
    rotate.rotate(str(log), 1, 1)
    assert names(log) == ["gateway.log", "gateway.log.1"] and (log.parent / "gateway.log.1").read_bytes() == b"yy"


def test_none_is_fine(tmp_path):
    assert rotate.rotate(str(tmp_path / "none.log"), 1, 3) is False


def test_a_link_is_not_followed(log, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"y" * 100)
    log.unlink()
    log.symlink_to(elsewhere)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        rotate.rotate(str(log), 1, 3)
    assert elsewhere.read_bytes() == b"y" * 100


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / "pipe"))
    assert rotate.rotate(str(tmp_path / "pipe"), 1, 3) is False


def test_what_cannot_be_copied_is_not_emptied(log, monkeypatch):
    (log.parent / "gateway.log.1").write_bytes(b"old")

    def full(_handle, _data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(rotate.os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        rotate.rotate(str(log), 1, 3)
    assert log.read_bytes() == b"x" * 100 and (log.parent / "gateway.log.1").read_bytes() == b"old"
    assert names(log) == ["gateway.log", "gateway.log.1"]


def test_one_that_is_killed_before_the_emptying_has_lost_nothing(log, monkeypatch):
    def killed(_handle, _length):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotate.os, "ftruncate", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate.rotate(str(log), 1, 3)
    assert log.read_bytes() == (log.parent / "gateway.log.1").read_bytes() == b"x" * 100
    assert rotate.rotate(str(log), 1, 3) is True and log.read_bytes() == b""


def test_the_copy_and_its_name_are_on_the_disk_before_the_log_is_emptied(log, monkeypatch):
    done = []

    def noted(name, real):
        def call(*words):
            if name == "fsync":
                done.append("fsync of the directory" if stat.S_ISDIR(os.fstat(words[0]).st_mode) else "fsync")
            else:
                done.append(name)
            return real(*words)

        return call

    for name in ("fsync", "replace", "ftruncate"):
        monkeypatch.setattr(rotate.os, name, noted(name, getattr(os, name)))
    assert rotate.rotate(str(log), 1, 1) is True
    assert done == ["fsync", "replace", "fsync of the directory", "fsync", "ftruncate"]


def test_what_one_left_that_was_killed_while_copying_goes(log):
    (log.parent / "gateway.log.new").write_bytes(b"half")
    rotate.rotate(str(log), 1, 3)
    assert names(log) == ["gateway.log", "gateway.log.1"]


def test_a_writer_without_a_pause_goes_on_and_hardly_loses_a_line(tmp_path):
    path = str(tmp_path / "gateway.log")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    times, end = 0, time.monotonic() + 60
    while times < 5:
        assert time.monotonic() < end
        times += rotate.rotate(path, 2000000, 20)
    said, _err = writer.communicate(b"\n", timeout=60)
    files = sorted(tmp_path.iterdir(), key=lambda one: -int(one.suffix[1:]) if one.suffix[1:].isdigit() else 0)
    files = [one for one in files if one.suffix != ".log"] + [tmp_path / "gateway.log"]
    lines = [line for one in files for line in one.read_bytes().splitlines()]
    # One that was being written when its copy ended is cut, and counts as lost.
    seen = [int(line[:9]) for line in lines if line.endswith(b"such lines are")]
    assert len(lines) - len(seen) <= times
    assert seen == sorted(set(seen)) and seen[-1] == int(said)
    # Between the last look and the emptying there is time for some lines, on a machine that is busy for more. Whoever
    # emptied without that last look would lose what came during the copying, and whoever renamed all that came after.
    assert int(said) - len(seen) < 0.1 * int(said)


def test_as_a_program(log, tmp_path):
    program = tmp_path / "rotate.py"
    program.write_bytes(jobs.program())
    argv = [sys.executable, "-I", "-B", str(program), "--size", "1", "--keep", "2", str(tmp_path), str(log)]
    done = subprocess.run(argv, stderr=subprocess.PIPE, check=False, timeout=30)
    # One that fails does not keep it from the next.
    assert done.returncode == 1 and str(tmp_path).encode() in done.stderr
    assert log.read_bytes() == b"" and (log.parent / "gateway.log.1").exists()
