# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens on a port: both readers, and what counts as elsewhere."""
import os
import socket

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import listeners

#: A Gateway with its two addresses, a daemon of root on a tailnet address, and a process on all addresses.
LSOF = """p4711
R1
cnode
Lopenclaw
f21
n127.0.0.1:18789
f22
n[::1]:18789
p99
R1
ctailscaled
Lroot
f7
n100.101.102.103:18789
p1200
R1199
cpython3
Ladmin
f3
n*:18789
"""


def test_lsof():
    found = listeners.parse_lsof(LSOF)
    assert [(item["pid"], item["ppid"], item["user"], item["address"], item["elsewhere"]) for item in found] == [
        (4711, 1, "openclaw", "127.0.0.1", False),
        (4711, 1, "openclaw", "[::1]", False),
        (99, 1, "root", "100.101.102.103", True),
        (1200, 1199, "admin", "*", False),
    ]
    assert {item["port"] for item in found} == {18789}


@pytest.mark.parametrize("text", ["", "p12\nR1\ncnode\n", "garbage\n\n"])
def test_lsof_that_found_nothing(text):
    assert listeners.parse_lsof(text) == []


def test_a_socket_shared_by_two_descriptors_is_one_listener():
    assert len(listeners.parse_lsof("p1\nR0\nca\nLb\nf1\nn*:5\nf2\nn*:5\n")) == 1


#: As on a little-endian machine: 127.0.0.1:18789 listening, the same port established, and all addresses on 22.
PROC = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000   502        0 31415 1 0 100 0 0 10 0
   1: 0100007F:4965 0100007F:9999 01 00000000:00000000 00:00000000 00000000   502        0 31416 1 0 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27182 1 0 100 0 0 10 0
"""


def test_proc_net():
    assert listeners.parse_proc_net(PROC) == {"31415": ("127.0.0.1", 18789), "27182": ("0.0.0.0", 22)}
    assert listeners.parse_proc_net("header\n") == {}


def test_proc_net_of_version_6():
    text = "header\n 0: 00000000000000000000000001000000:4965 0:0 0A 0 0 0 502 0 7 1\n"
    assert listeners.parse_proc_net(text) == {"7": ("[::1]", 18789)}


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="this machine has no /proc")
def test_the_proc_reader_finds_this_very_process():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (mine,) = listeners._read_proc(port)
        assert (mine["pid"], mine["ppid"], mine["elsewhere"]) == (os.getpid(), os.getppid(), False)
        assert mine["port"] == port and mine in listeners.read_all()[1]
    assert listeners._read_proc(port) == []


def test_where_there_is_no_proc_lsof_is_asked_for_one_port_or_all(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(listeners.os.path, "isdir", lambda path: False)
    monkeypatch.setattr(listeners.shutil, "which", lambda *args, **kwargs: "/usr/sbin/lsof")
    monkeypatch.setattr(listeners, "_run_lsof", lambda lsof, port: asked.append(port) or LSOF)
    reader, found = listeners.read(18789)
    assert reader == "lsof" and len(found) == 4 and "port" not in found[0]
    assert listeners.read_all()[1][0]["port"] == 18789 and asked == [18789, None]


@pytest.mark.parametrize("item,pid,expected", [
    ({"pid": 7, "ppid": 1}, 7, True), ({"pid": 8, "ppid": 7}, 7, True), ({"pid": 8, "ppid": 1}, 7, False),
    ({"pid": 8, "ppid": 1}, None, False), ({"pid": None, "ppid": None}, 7, None),
])  # fmt: skip
def test_whose_listener_it_is(item, pid, expected):
    assert listeners.descends(item, pid) is expected


def test_nobody_can_tell(monkeypatch):
    monkeypatch.setattr(listeners.shutil, "which", lambda *args, **kwargs: None)
    monkeypatch.setattr(listeners.os.path, "isdir", lambda path: False)
    assert listeners.read(18789) == (None, None)
