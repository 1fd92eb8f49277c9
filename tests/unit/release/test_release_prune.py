# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases go, and which never do."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import apply, layout, process, prune

NODES = {"2026.5.28": "22.22.3", "2026.6.1": "24.19.0", "2026.7.1": "24.19.0", "2026.9.6": "24.21.0"}
SINCE = 1000.0
ROOT = layout.Layout("/opt/openclaw")


def installed(**changes):
    return prune.Installed(NODES, frozenset(NODES.values()), "2026.9.6", SINCE)._replace(**changes)


def decided(keep, running=(), **changes):
    """Return (keys that go, what is said) for a host with four releases of which the newest is current."""
    found = installed(**changes)
    plan, told = prune.decide(found, "2026.9.6", keep, prune.in_use(ROOT, found, running))
    return [step.key for step in plan.steps], told


@pytest.mark.parametrize(
    ("keep", "gone"),
    [
        (3, []),
        (2, ["releases/2026.5.28", "node/22.22.3"]),
        (1, ["releases/2026.5.28", "releases/2026.6.1", "node/22.22.3"]),
        (0, ["releases/2026.5.28", "releases/2026.6.1", "releases/2026.7.1", "node/22.22.3", "node/24.19.0"]),
    ],
)
def test_the_newest_others_stay(keep, gone):
    assert decided(keep) == (gone, [])


def test_neither_the_declared_nor_the_current_one_goes():
    gone, _told = decided(0, current="2026.6.1")
    assert gone == ["releases/2026.5.28", "releases/2026.7.1", "node/22.22.3"]


@pytest.mark.parametrize(
    ("command", "stays"),
    [
        ("/opt/openclaw/releases/2026.5.28/openclaw logs --follow", "2026.5.28"),
        ("/opt/openclaw/node/22.22.3/bin/node anything", "2026.5.28"),
        ("/opt/openclaw/node/24.19.0/bin/node /opt/openclaw/releases/2026.6.1/lib/x.js", "2026.6.1"),
    ],
)
def test_what_a_process_names_stays(command, stays):
    gone, told = decided(0, [prune.Process(7, SINCE + 60, command)])
    assert "releases/" + stays not in gone and "node/" + NODES[stays] not in gone
    assert any(stays in sentence for sentence in told)


@pytest.mark.parametrize(
    ("command", "began", "held"),
    [
        ("openclaw-gateway", SINCE - 1, True),
        ("openclaw-gateway", SINCE + 1, False),
        ("/opt/openclaw/current/node/bin/node /opt/openclaw/current/lib/x", SINCE - 1, True),
        ("/usr/local/bin/other", SINCE - 1, False),
        ("/opt/openclaw/currently/other", SINCE - 1, False),
    ],
)
def test_a_process_of_before_the_switch_holds_everything_back(command, began, held):
    gone, told = decided(1, [prune.Process(7, began, command)])
    assert (gone == []) is held
    assert bool(told) is held


def test_ps_is_read_as_both_kinds_print_it():
    said = "    1 02-03:04:05 /sbin/launchd\n   77    00:09 openclaw-gateway\n  78 01:00:00\n"
    found = prune.processes(lambda argv: (0, said, ""))
    ages = [time.time() - one.began for one in found]
    assert [one.pid for one in found] == [1, 77, 78]
    assert [round(age) for age in ages] == [2 * 86400 + 3 * 3600 + 4 * 60 + 6, 10, 3601]
    assert found[1].command == "openclaw-gateway"


@pytest.mark.parametrize("answer", [(1, "", "no"), (0, "", ""), (0, "what is this\n", ""), (127, "", "gone")])
def test_without_knowing_what_runs_nothing_goes(answer):
    with pytest.raises(Failure) as caught:
        prune.processes(lambda argv: answer)
    assert caught.value.code == "processes_unknown"


def test_this_very_process_is_found():
    found = {one.pid: one for one in prune.processes(process.run)}
    assert abs(found[os.getpid()].began - time.time()) < 3600
    assert "python" in found[os.getpid()].command or "pytest" in found[os.getpid()].command


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A root with two releases of ours, one of them current, and what is not ours beside them.

    Of the processes of this machine only those count that name it: other Gateways may run here.
    """
    everyone = prune.processes
    monkeypatch.setattr(
        prune, "processes", lambda run: [one for one in everyone(run) if str(tmp_path) in one.command])
    top = tmp_path / "openclaw"
    for version, node in (("2026.7.1", "24.19.0"), ("2026.9.6", "24.21.0")):
        (top / "releases" / version / "lib/node_modules/openclaw").mkdir(parents=True)
        (top / "releases" / version / "node").symlink_to("../../node/" + node)
        (top / "node" / node / "bin").mkdir(parents=True)
        (top / "node" / node / "bin/node").write_text("")
    (top / "releases/2026.1.1").mkdir()
    (top / "releases/mine").mkdir()
    (top / "node/99.0.0").mkdir()
    (top / "current").symlink_to("releases/2026.9.6")
    return top


def declaration(root, **changes):
    wanted = {"root": str(root), "version": "2026.9.6", "node_version": "24.21.0", "keep": 0, "timeout": 10}
    return dict(wanted, **changes)


def test_they_go_as_foretold_and_what_is_not_ours_stays(root):
    predicted = apply.pruned(declaration(root), True)
    assert sorted(os.listdir(root / "releases")) == ["2026.1.1", "2026.7.1", "2026.9.6", "mine"]
    done = apply.pruned(declaration(root), False)
    assert done == predicted
    assert done["changed"]
    assert done["diff"]["before"] == "node/24.19.0: Node 24.19.0\nreleases/2026.7.1: OpenClaw 2026.7.1\n"
    assert sorted(os.listdir(root / "releases")) == ["2026.1.1", "2026.9.6", "mine"]
    assert sorted(os.listdir(root / "node")) == ["24.21.0", "99.0.0"]
    assert not [name for name in os.listdir(root) if name.startswith(".work-")]
    assert not apply.pruned(declaration(root), False)["changed"]


def test_a_real_process_that_executes_a_release_keeps_it(root):
    program = [sys.executable, "-c", "input()", str(root / "releases/2026.7.1/openclaw")]
    runs = subprocess.Popen(program, stdin=subprocess.PIPE)
    try:
        done = apply.pruned(declaration(root), False)
    finally:
        runs.communicate(b"\n", timeout=30)
    assert not done["changed"]
    assert (root / "releases/2026.7.1").is_dir()
    assert "2026.7.1" in done["warnings"][0]
    assert apply.pruned(declaration(root), False)["changed"]


def test_a_check_before_the_switch_foretells_what_goes_after_it(root):
    (root / "current").unlink()
    (root / "current").symlink_to("releases/2026.7.1")
    assert "2026.7.1" in apply.pruned(declaration(root), True)["diff"]["before"]
    assert not apply.pruned(declaration(root), False)["changed"]
    assert not apply.pruned(declaration(root, keep=1), True)["changed"]
