# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds in time and size, whatever the peer does."""
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import (
    Deadline,
    Wire,
    WireError,
    json_object,
)


def code_of(call, *args):
    with pytest.raises(WireError) as caught:
        call(*args)
    return caught.value.code


def test_one_deadline_holds_for_many_slow_phases(peer):
    def drip(sock):
        for _byte in range(200):
            sock.sendall(b"x")
            time.sleep(0.02)

    wire = Wire(peer(drip), Deadline(0.3))
    start = time.monotonic()
    assert code_of(wire.line, 1000) == "timeout"
    assert 0.25 < time.monotonic() - start < 0.6
    assert code_of(wire.exactly, 1000) == "timeout"
    wire.close()


def test_a_deadline_can_be_shortened_and_never_extended():
    now = [100.0]
    deadline = Deadline(5.0, lambda: now[0])
    assert deadline.within(60.0).left() == 5.0
    assert deadline.within(1.0).left() == 1.0
    now[0] = 105.0
    assert code_of(deadline.left) == "timeout"


@pytest.mark.parametrize("sent, call, wanted", [
    (b"one\r\ntwo", lambda wire: wire.line(10), b"one"),
    (b"one\ntwo", lambda wire: wire.line(10), b"one"),
    (b"", lambda wire: wire.line(10), "connection_closed"),
    (b"half", lambda wire: wire.line(10), "connection_closed"),
    (b"x" * 11, lambda wire: wire.line(10), "too_large"),
    (b"x" * 11 + b"\n", lambda wire: wire.line(10), "too_large"),
    (b"abcdef", lambda wire: wire.exactly(3), b"abc"),
    (b"ab", lambda wire: wire.exactly(3), "connection_closed"),
    (b"abc", lambda wire: wire.rest(3), b"abc"),
    (b"abcd", lambda wire: wire.rest(3), "too_large"),
])
def test_reading(peer, sent, call, wanted):
    wire = Wire(peer(lambda sock: sock.sendall(sent)), Deadline(2))
    assert (code_of(call, wire) if isinstance(wanted, str) else call(wire)) == wanted


def test_an_endless_line_is_not_kept(peer):
    def endless(sock):
        while True:
            sock.sendall(b"x" * 65536)

    wire = Wire(peer(endless), Deadline(5))
    assert code_of(wire.line, 8192) == "too_large"
    assert len(wire._buffer) < 8192 + 2 * 65536
    wire.close()


def test_a_peer_that_does_not_read_cannot_hold_a_writer(peer):
    wire = Wire(peer(lambda sock: time.sleep(0.6)), Deadline(0.3))
    assert code_of(wire.send, b"x" * (8 << 20)) == "timeout"


@pytest.mark.parametrize("data", [
    b"", b"{", b"[]", b"1", b"null", b'"text"', b"\xff\xfe", b"[" * 200000, b'{"a":' * 100000,
    b'{"a": ' + b"9" * 500000 + b"}", b"<html></html>",
])
def test_what_is_no_json_object_is_garbage(data):
    start = time.monotonic()
    assert code_of(json_object, data) == "garbage"
    assert time.monotonic() - start < 1


def test_json_object():
    assert json_object(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
