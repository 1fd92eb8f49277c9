# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether anybody waits for the result: pipes, sockets, files, and signals."""

import os
import signal
import socket

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._token.caller import Caller


def pipe():
    ends = os.pipe()
    return ends[1], lambda: os.close(ends[0])


def sockets():
    near, far = socket.socketpair()
    return near.detach(), far.close


@pytest.mark.parametrize("kind", [pipe, sockets])
def test_a_reader_that_is_gone(kind):
    stream, lose = kind()
    waiting = Caller(stream)
    waiting.require()
    lose()
    with pytest.raises(Failure) as caught:
        waiting.require()
    assert caught.value.code == "caller_gone"
    os.close(stream)


def test_a_file_waits_for_ever(tmp_path):
    with (tmp_path / "result").open("w") as stream:
        Caller(stream.fileno()).require()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_end_is_a_failure_once(number):
    before = signal.getsignal(number)
    with Caller() as waiting:
        with pytest.raises(Failure) as caught:
            os.kill(os.getpid(), number)
        assert caught.value.code == "interrupted" and number.name in caught.value.message
        os.kill(os.getpid(), number)
        # It may have been raised where failures are expected.
        with pytest.raises(Failure):
            waiting.require()
    assert signal.getsignal(number) is before


def test_what_is_undone_is_not_ended():
    with Caller() as waiting:
        waiting.shield()
        os.kill(os.getpid(), signal.SIGTERM)
