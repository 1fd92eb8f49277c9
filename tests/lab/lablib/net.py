# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network of a lab: one bridge, one cable per host, no way out. Only iproute2's C(ip) is used."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import subprocess
import sys
import time

from . import kernel
from .errors import LabError

SUBNETS = "10.231.{n}.0/24"


def _ip(*args: str, batch: str | None = None) -> str:
    done = subprocess.run(["ip", *args], input=batch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"ip {' '.join(args)} failed: {done.stderr.strip()}", "run as root with CAP_NET_ADMIN")
    return done.stdout


def taken() -> list:
    """Return the networks that this machine already routes."""
    routes = json.loads(_ip("-j", "route", "show", "table", "all") or "[]")
    found = []
    for route in routes:
        try:
            found.append(ipaddress.ip_network(route["dst"], strict=False))
        except (KeyError, ValueError):
            continue
    return [n for n in found if n.version == 4 and n.prefixlen > 0]


def free_subnet(lab_id: str) -> str:
    """Return a /24 for a lab: the one its id points at, or the next that nothing here uses."""
    used = taken()
    first = int(lab_id, 16) % 256
    for step in range(256):
        subnet = ipaddress.ip_network(SUBNETS.format(n=(first + step) % 256))
        if not any(subnet.overlaps(other) for other in used):
            return str(subnet)
    raise LabError("no free network in 10.231.0.0/16", "take another lab down")


def address(subnet: str, index: int) -> str:
    """Return the address of host C(index) (1, 2, …); 0 is the bridge's own."""
    return str(ipaddress.ip_network(subnet)[254 if index == 0 else 10 + index])


def has_link(name: str) -> bool:
    return os.path.exists(f"/sys/class/net/{name}") or bool(links(name))


def links(prefix: str) -> list[str]:
    """Return the links of this machine whose name starts with C(prefix)."""
    return [x["ifname"] for x in json.loads(_ip("-j", "link", "show") or "[]") if x["ifname"].startswith(prefix)]


def make_bridge(bridge: str, subnet: str) -> None:
    if bridge in links(bridge):
        return
    # Without a fixed address of its own a bridge takes that of its lowest port, and changes it with them.
    mac = "02:6f:63:" + ":".join(bridge[-6:][i : i + 2] for i in (0, 2, 4))
    lines = (
        f"link add {bridge} address {mac} type bridge stp_state 0 forward_delay 0",
        f"address add {address(subnet, 0)}/24 dev {bridge}",
        f"link set {bridge} up",
    )
    _ip("-batch", "-", batch="\n".join(lines) + "\n")


def connect(bridge: str, subnet: str, link: str, index: int, pid: int) -> None:
    """Lay the cable of one host: en0 inside, C(link) on the bridge. An old cable of that name is cut first."""
    delete(link)
    # The same card after every boot: neighbours that remember the old one would wait for it otherwise.
    mac = "02:" + ":".join(f"{int(part):02x}" for part in address(subnet, index).split(".")) + ":01"
    lines = (
        f"link add {link} type veth peer name en0 address {mac} netns {pid}",
        f"link set {link} master {bridge} up",
    )
    _ip("-batch", "-", batch="\n".join(lines) + "\n")
    inside = (
        "link set lo up",
        f"address add {address(subnet, index)}/24 dev en0",
        "link set en0 up",
    )
    in_network(pid, lambda: _ip("-batch", "-", batch="\n".join(inside) + "\n"))


def in_network(pid: int, work) -> None:
    """Run C(work) in the network of C(pid), with this machine's files."""
    network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            kernel.setns(network)
            work()
            code = 0
        except BaseException as error:  # a forked child
            print(f"lab: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    os.close(network)
    _pid, status = os.waitpid(child, 0)
    if status != 0:
        raise LabError("a host's network cannot be set up")


def delete(link: str) -> None:
    """Delete a link; a link that is gone, or just going because its host died, is no error."""
    with contextlib.suppress(LabError):
        _ip("link", "del", link)
    limit = time.monotonic() + 5
    while link in links(link):
        if time.monotonic() > limit:
            raise LabError(f"link {link} cannot be deleted", f"run: ip link del {link}")
        time.sleep(0.01)


def remove(prefix_bridge: str, prefix_links: str) -> None:
    for link in links(prefix_links) + links(prefix_bridge):
        delete(link)
