# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which releases and Nodes may go. Pure but for the two rims, which look at the root and at the processes."""

from __future__ import annotations

import os
import posixpath
import re
import time
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import engines as _engines
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout as _layout
from ansible_collections.clawops.openclaw.plugins.module_utils._release import plan as _plan

_ELAPSED = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\Z")
#: How OpenClaw calls its processes; they overwrite the arguments that they were started with.
_TITLE = "openclaw"


class Installed(NamedTuple):
    """What lies under a root and is ours.

    :ivar releases: version -> version of the Node that it runs on. :ivar nodes: set of versions.
    :ivar current: version that C(current) leads to, or None.
    :ivar since: when that came to be, in seconds since the epoch; 0 where nothing is current.
    """

    releases: dict
    nodes: frozenset
    current: str | None
    since: float


class Process(NamedTuple):
    """:ivar pid: int. :ivar began: seconds since the epoch; up to a second before it really did. :ivar command: its
    arguments as one text, or the title that it gave itself."""

    pid: int
    began: float
    command: str


def look(layout):
    """Return :class:`Installed`. A directory that no run of ours would have made is not in it."""
    releases = {}
    for version in _names(layout.path("releases"), _layout.RELEASE_NAME):
        node = posixpath.basename(_target(layout.path("releases", version, "node")) or "")
        ours = not os.path.islink(layout.release(version)) and os.path.lexists(layout.path("releases", version, "lib"))
        if ours and _layout.NODE_NAME.match(node):
            releases[version] = node
    nodes = frozenset(
        version for version in _names(layout.path("node"), _layout.NODE_NAME)
        if os.path.islink(layout.node(version)) or os.path.isfile(os.path.join(layout.node(version), "bin/node"))
    )  # fmt: skip
    current = posixpath.basename(_target(layout.current) or "") or None
    links = [layout.current] + [layout.path("releases", current or "", "node")]
    since = max((os.lstat(path).st_mtime for path in links if os.path.islink(path)), default=0.0)
    return Installed(releases, nodes, current, since)


def _names(directory, pattern):
    try:
        return [name for name in os.listdir(directory) if pattern.match(name)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _target(path):
    return os.readlink(path) if os.path.islink(path) else None


def processes(run):
    """Return every :class:`Process` of the host.

    :param run: function of an argument list that returns C((exit code, stdout, stderr)).
    :raises Failure: C(processes_unknown).
    """
    code, out, err = run(["/bin/ps", "-axwwo", "pid=,etime=,args="])
    found = [_process(line, time.time()) for line in out.splitlines()]
    if code != 0 or not found or None in found:
        raise Failure(
            "processes_unknown",
            "ps does not tell what runs (exit %s: %s), so nothing was pruned."
            % (code, err.strip()[:200] or "odd lines"),
            "host",
            "run 'ps -axwwo pid=,etime=,args=' on the host.",
        )
    return found


def _process(line, now):
    words = line.split(None, 2)
    elapsed = _ELAPSED.match(words[1]) if len(words) > 1 and words[0].isdigit() else None
    if not elapsed:
        return None
    days, hours, minutes, seconds = (int(number or 0) for number in elapsed.groups())
    # ps cuts fractions off: the process may be a second older than it says.
    age = ((days * 24 + hours) * 60 + minutes) * 60 + seconds + 1
    return Process(int(words[0]), now - age, words[2] if len(words) > 2 else "")


def in_use(layout, installed, running):
    """Return what processes still execute: (set of versions of releases, set of those of Nodes, processes that began
    before the switch and could execute any of them).

    :param running: list of :class:`Process`.
    """
    releases, nodes, older = set(), set(), []
    for process in running:
        named = {
            key: re.findall(re.escape(layout.path(key)) + r"/([^/\s]+)", process.command)
            for key in ("releases", "node")
        }
        releases.update(named["releases"])
        nodes.update(named["node"])
        ours = layout.current + "/" in process.command or process.command.startswith(_TITLE)
        if ours and not any(named.values()) and process.began < installed.since:
            older.append(process)
    return releases, nodes, older


def decide(installed, version, keep, used):
    """Plan the removal of what is neither declared, nor current, nor among the newest others, nor executed.

    :param version: the declared release. :param keep: how many others stay. :param used: what :func:`in_use` returned.
    :returns: tuple C((Plan, list of sentences about what is held back)).
    """
    releases, nodes, older = used
    newest_first = sorted(installed.releases, key=_engines.parse_version, reverse=True)
    others = [one for one in newest_first if one not in (version, installed.current)]
    surplus = others[keep:]
    if older and surplus:
        return _plan.Plan([], "", "", False), ["process %d (%s) began before %s became current and may execute an older"
                                               " release, so nothing is pruned until it has ended"
                                               % (one.pid, one.command[:60], installed.current) for one in older[:5]]
    held = [one for one in surplus if one in releases or installed.releases[one] in nodes]
    gone = [one for one in surplus if one not in held]
    linked = {node for one, node in installed.releases.items() if one not in gone}
    # A Node that no release leads to is surplus only when a release goes: it may be one that is about to be used.
    dropped = {installed.releases[one] for one in gone} - linked - nodes
    keys = {_layout.release_key(one): "OpenClaw %s" % one for one in gone}
    keys.update((_layout.node_key(one), "Node %s" % one) for one in dropped & installed.nodes)
    told = ["release %s is still executed, so it stays" % one for one in held]
    return _plan.absent(keys), told
