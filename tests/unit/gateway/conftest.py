# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers to talk to."""
import contextlib
import socket
import threading

import pytest
from gateway_peers import FakeGateway


@pytest.fixture
def peer():
    """Function of a script (function of the server's socket) that returns the client's end of a socket pair."""
    threads, sockets = [], []

    def start(script):
        client, server = socket.socketpair()

        def run():
            with contextlib.suppress(OSError), server:
                script(server)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        threads.append(thread)
        sockets.append(client)
        return client

    yield start
    for sock in sockets:
        sock.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive(), "the peer's script still runs"


@pytest.fixture
def gateway():
    fake = FakeGateway()
    yield fake
    fake.close()
