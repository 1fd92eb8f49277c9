# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_util is PRIVATE to the collection. It can have breaking changes at any time.

"""A TCP connection to a port of a host's own loopback, through SSH and jump hosts. Every host key is verified."""

from __future__ import annotations

import contextlib
import getpass
import re
import socket
from typing import NamedTuple, Optional

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import WireError

try:
    import paramiko
except ImportError:
    paramiko = None

_HOP = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:@\s]+))(?::(?P<port>\d{1,5}))?\Z")


#: paramiko has no types of their own for these.
_WORDS = {"not found in known_hosts": "ssh_host_key", "imeout": "timeout", "imed out": "timeout"}


class Hop(NamedTuple):
    """An SSH server on the way."""

    host: str
    port: int
    user: str

    def __str__(self):
        return "%s@%s:%d" % (self.user, self.host, self.port)


def hop(text, user=None):
    """Return the :class:`Hop` in C(user@host:port), where user and port may be left out.

    :raises Failure: C(option_invalid).
    """
    match = _HOP.match(text)
    if not match or not 0 < int(match.group("port") or 22) < 65536:
        raise Failure("option_invalid", "hop %r is not user@host:port." % text, "input", "correct 'hops' in the task.",
                      option="paths")
    host = match.group("v6") or match.group("host")
    return Hop(host, int(match.group("port") or 22), match.group("user") or user or getpass.getuser())


class Tunnel:
    """SSH connections, one through the other; the last hop dials ports as its own.

    :param hops: list of :class:`Hop`, outermost first, the host itself last.
    :param key_file: private key, or None for those of the agent and of C(~/.ssh).
    :param known_hosts: file, or None for C(~/.ssh/known_hosts).
    """

    def __init__(self, hops, key_file: Optional[str], known_hosts: Optional[str]):
        if paramiko is None:
            raise Failure("paramiko_missing", "paths of kind bastion need paramiko on the controller.", "input",
                          "install it: pip install paramiko.")
        self._hops, self._key_file, self._known_hosts = hops, key_file, known_hosts
        self._clients = []

    def __enter__(self):
        return self

    def __exit__(self, *_details):
        for client in reversed(self._clients):
            client.close()

    def dial(self, host, port, seconds):
        """Return a channel to an address as the last hop sees it.

        :raises WireError: C(ssh_host_key), C(ssh_refused), C(ssh_channel), or C(timeout), naming the hop.
        """
        for number in range(len(self._clients), len(self._hops)):
            self._connect(self._hops[number], seconds)
        return self._channel(self._hops[-1], host, port, seconds)

    def _connect(self, one, seconds):
        through = None
        if self._clients:
            through = self._channel(self._hops[len(self._clients) - 1], one.host, one.port, seconds)
        client = paramiko.SSHClient()
        self._clients.append(client)
        # What is not in the file is refused. There is no way to have it added.
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        with _told(one):
            if self._known_hosts:
                client.load_host_keys(self._known_hosts)
            else:
                client.load_system_host_keys()
            client.connect(
                one.host, one.port, one.user, key_filename=self._key_file, sock=through, timeout=seconds,
                banner_timeout=seconds, auth_timeout=seconds, channel_timeout=seconds,
                allow_agent=self._key_file is None, look_for_keys=self._key_file is None)

    def _channel(self, one, host, port, seconds):
        with _told(one):
            return self._clients[self._hops.index(one)].get_transport().open_channel(
                "direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=seconds)


@contextlib.contextmanager
def _told(one):
    """Say in our words what went wrong with a hop."""
    try:
        yield
    except paramiko.BadHostKeyException:
        raise WireError("ssh_host_key", "%s shows another host key than the known one." % (one,)) from None
    except paramiko.AuthenticationException:
        raise WireError("ssh_refused", "%s does not let us in." % (one,)) from None
    except paramiko.ChannelException as error:
        raise WireError("ssh_channel", "%s cannot connect there: %s." % (one, error.text)) from None
    except (socket.timeout, TimeoutError):
        raise WireError("timeout", "%s did not answer in time." % (one,)) from None
    except paramiko.SSHException as error:
        said = str(error).rstrip(".")
        code = next((code for words, code in _WORDS.items() if words in said), "ssh_refused")
        raise WireError(code, "%s: %s." % (one, said)) from None
    except OSError as error:
        raise WireError("ssh_refused", "%s cannot be connected to: %s." % (one, error.strerror or error)) from None
