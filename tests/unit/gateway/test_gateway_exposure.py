# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing addresses as both kernels write them, and knocking."""
import socket

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import exposure

GLOBAL6 = bytes.fromhex("20010db8000000000000000000000001")
LINK6 = bytes.fromhex("fe800000000000001c3a2b4c5d6e7f80")
KAME6 = bytes.fromhex("fe800005000000001c3a2b4c5d6e7f80")
LOOP6 = bytes(15) + b"\x01"


def v4(head, text):
    return head + b"\0\0" + socket.inet_aton(text) + bytes(8)


def v6(head, packed, scope=0):
    return head + b"\0\0" + bytes(4) + packed + scope.to_bytes(4, "little")


@pytest.mark.parametrize("linux, macos", [(b"\x02\x00", b"\x10\x02")])
def test_ipv4_of_both_kernels(linux, macos):
    for head in (linux, macos):
        assert exposure.decode_address(v4(head, "192.0.2.7"), 0) == "192.0.2.7"
        assert exposure.decode_address(v4(head, "127.0.0.1"), 8) is None
        assert exposure.decode_address(v4(head, "0.0.0.0"), 0) is None


@pytest.mark.parametrize("head", [b"\x0a\x00", b"\x1c\x1e"])
@pytest.mark.parametrize("packed, scope, flags, wanted", [
    (GLOBAL6, 0, 0, "2001:db8::1"),
    (LOOP6, 0, 8, None),
    (LINK6, 4, 0, "fe80::1c3a:2b4c:5d6e:7f80%4"),
    (KAME6, 0, 0, "fe80::1c3a:2b4c:5d6e:7f80%5"),        # the scope hidden inside
    (KAME6, 5, 0, "fe80::1c3a:2b4c:5d6e:7f80%5"),
    (LINK6, 1, 8, None),                                 # fe80::1%lo0
])
def test_ipv6_of_both_kernels(head, packed, scope, flags, wanted):
    assert exposure.decode_address(v6(head, packed, scope), flags) == wanted


@pytest.mark.parametrize("raw", [b"\x14\x12" + bytes(26), b"\x11\x00" + bytes(26), b"\x01\x00" + bytes(26), b""])
def test_other_families_are_passed_over(raw):
    assert exposure.decode_address(raw, 0) is None


@pytest.mark.parametrize("host, own", [
    ("127.0.0.1", True), ("127.8.9.10", True), ("::1", True), ("0:0:0:0:0:0:0:1", True), ("localhost", True),
    ("192.0.2.127", False), ("::", False), ("2001:db8::1", False), ("::127.0.0.1", False), ("localhost.", False),
    ("gateway.example.com", False), ("127.1", False), ("", False), ("\0", False), ("\ud800", False),
])
def test_loopback(host, own):
    assert exposure.is_loopback(host) is own


def test_addresses_of_this_host():
    found = exposure.addresses()
    assert found == sorted(set(found))
    assert not [address for address in found if address.startswith(("127.", "::1"))]
    # What the kernel itself would use to reach the outside must be among them, where there is a route at all.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return
        own = probe.getsockname()[0]
    assert own in found or own.startswith("127.")


def test_knocking_tells_open_from_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outcomes = exposure.knock(["127.0.0.1", "127.0.0.2", "::1"], port, 0.5)
    assert outcomes == {"127.0.0.1": "open", "127.0.0.2": "refused", "::1": "refused"}


def test_an_address_that_says_nothing_is_silent_after_the_patience():
    # A listener whose backlog is full drops further requests to connect: silence without a packet filter.
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = []
        try:
            for _count in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(server.getsockname())
                fillers.append(filler)
            outcomes = exposure.knock(["127.0.0.1"], server.getsockname()[1], 0.2)
        finally:
            for filler in fillers:
                filler.close()
    assert outcomes == {"127.0.0.1": "silent"}


def test_knocking_on_nothing():
    assert exposure.knock([], 18789, 0.1) == {}
