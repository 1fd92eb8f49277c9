# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet with three hosts broken in different ways and one dead: the audit names exactly those, and why.

Six hosts in a sample, fifty in a soak, most of them with the lab's stand-in for the Gateway.
"""
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from fleet import MODULE_RUN, ROOT, Fleet, lab_of
from soak_kit import EVERY

LAB = "soak-audit"
#: Hosts, and those of them with a real Gateway.
HOSTS, REAL = (50, 3) if EVERY else (6, 1)
#: Host -> (fault, the check that has to say so, what its message or path names).
BROKEN = {
    "mini02": ("config_bind", "OCG-CONFIG-004", "bind"),
    "mini03": ("token_in_plist", "OCG-TOKEN-005", "plist"),
    "mini05": ("job_booted_out", "OCG-SERVICE-001", "launchd"),
}
DEAD = "mini04"


class Run:
    """One run of a playbook."""

    def __init__(self, inventory, playbook, *words, **variables):
        env = dict(
            os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), ANSIBLE_FORKS="20", ANSIBLE_TIMEOUT="5",
            ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build/collections"), LC_ALL="C.UTF-8",
        )  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "-i", inventory, ROOT / playbook, "-e",
             json.dumps(variables), *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.seconds = time.monotonic() - began
        self.rc, self.out = done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """(inventory, host -> address) of deployed hosts that are all in order; then three are broken and one is dead."""
    made, _seconds = Fleet.up(LAB, HOSTS, REAL)
    try:
        made.deploy()
        inventory = made.of(HOSTS).path
        whole = audit(inventory, tmp_path_factory.mktemp("whole"))
        assert whole.rc == 0, whole.out[-4000:]
        for name, (fault, _check, _named) in BROKEN.items():
            made.lab("inject", name, fault)
        made.lab("launchd", DEAD, "shutdown")
        yield inventory, made.addresses()
    finally:
        lab_of(LAB)("down")


def audit(inventory, folder, *words):
    """An audit into a folder, whose state lies there, too."""
    run = Run(inventory, "playbooks/audit.yml", *words, audit_report_dir=str(folder))
    run.record = json.loads((folder / "drift.json").read_text())
    return run


@pytest.fixture(scope="module")
def audited(fleet, tmp_path_factory):
    return audit(fleet[0], tmp_path_factory.mktemp("broken"), "-vvv")


def test_exactly_those_are_named(fleet, audited):
    _inventory, addresses = fleet
    states = {host["name"]: host["state"] for host in audited.record["hosts"]}
    expected = {**dict.fromkeys(addresses, "clean"), **dict.fromkeys(BROKEN, "drift"), DEAD: "unreachable"}
    assert states == expected, audited.out[-4000:]
    assert audited.rc == 2


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_reason_and_the_repair_are_told(audited, name):
    _fault, check, named = BROKEN[name]
    host = next(host for host in audited.record["hosts"] if host["name"] == name)
    finding = next((item for item in host["findings"] if item["checkId"] == check and item["result"] == "fail"), None)
    assert finding, host["findings"]
    assert named in json.dumps([finding["message"], finding["path"], finding["title"]])
    assert finding["fixHint"] and finding["repair"]["commands"]


def test_the_dead_host_has_a_reason(audited):
    host = next(host for host in audited.record["hosts"] if host["name"] == DEAD)
    assert host["reason"]


def test_one_module_ran_on_each_host(fleet, audited):
    _inventory, addresses = fleet
    runs = Counter(MODULE_RUN.findall(audited.out))
    # A host that does not answer is tried, too.
    assert runs == Counter(addresses.values())


def test_no_gateway_was_restarted(fleet, audited):
    for name in sorted(fleet[1])[:6]:
        if name not in BROKEN and name != DEAD:
            spawned = [line for line in lab_of(LAB)("log", name)[1].splitlines()
                       if '"event": "spawn"' in line and "ai.openclaw.gateway" in line]  # fmt: skip
            assert len(spawned) == 1, name


def test_it_takes_little_more_than_a_ping(fleet, audited, tmp_path):
    """Of the whole fleet: a few hosts are asked sooner than Ansible has begun, and then the report is what counts."""
    inventory, _addresses = fleet
    rounds = 5 if EVERY else 2
    pings, audits = [], []
    for number in range(rounds):
        pings.append(Run(inventory, "tests/bench/ping.yml").seconds)
        folder = tmp_path / str(number)
        folder.mkdir()
        audits.append(audit(inventory, folder).seconds)
    ratio = min(audits) / min(pings)
    print("audit by ping: %.2f (%s by %s)" % (ratio, audits, pings))
    assert ratio <= (1.5 if EVERY else 4)
