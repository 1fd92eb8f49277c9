# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jump hosts as they are written, and what paramiko says in our words."""
import getpass
import socket

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.wire import WireError

pytest.importorskip("paramiko")  # a controller has it, a target need not

import paramiko
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _ssh_channel
from ansible_collections.clawops.openclaw.plugins.plugin_utils._ssh_channel import Hop, hop


@pytest.mark.parametrize("text, wanted", [
    ("admin@bastion.example.com:2222", ("bastion.example.com", 2222, "admin")),
    ("bastion", ("bastion", 22, "me")),
    ("a@[2001:db8::1]:22", ("2001:db8::1", 22, "a")),
])
def test_hop(text, wanted):
    assert tuple(hop(text, "me")) == wanted
    assert hop("bastion").user == getpass.getuser()


@pytest.mark.parametrize("text", ["", "a b", "h:0", "h:65536", "h:x", "@h", "a@b@c:1", "2001:db8::1"])
def test_no_hop(text):
    with pytest.raises(Failure):
        hop(text)


KEY = paramiko.RSAKey.generate(1024)


@pytest.mark.parametrize("error, code", [
    (paramiko.BadHostKeyException("h", KEY, KEY), "ssh_host_key"),
    (paramiko.SSHException("Server 'h' not found in known_hosts"), "ssh_host_key"),
    (paramiko.AuthenticationException("no"), "ssh_refused"),
    (paramiko.SSHException("No existing session"), "ssh_refused"),
    (paramiko.SSHException("Timeout opening channel."), "timeout"),
    (paramiko.ChannelException(2, "Connect failed"), "ssh_channel"),
    (socket.timeout(), "timeout"),
    (ConnectionRefusedError(111, "Connection refused"), "ssh_refused"),
])
def test_what_goes_wrong_with_a_hop_names_it(error, code):
    with pytest.raises(WireError) as caught, _ssh_channel._told(Hop("h", 22, "admin")):
        raise error
    assert caught.value.code == code and "admin@h:22" in caught.value.reason
