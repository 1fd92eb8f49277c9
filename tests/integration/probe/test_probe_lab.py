# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the controller through SSH, and under launchd: what only shows on a whole host of the lab."""
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PORT = 18789
STATE = "/Users/openclaw/.openclaw"
JOB = "system/ai.openclaw.gateway"
THROTTLE = 10


class Host:
    """One Mac of the lab with a Gateway, and two more to go through."""

    def __init__(self, lab):
        self.lab = lab
        found = json.loads(lab("status", "--json"))["hosts"]
        self.addresses = {name: host["address"] for name, host in found.items()}
        self.hops = ["admin@%s" % self.addresses[name] for name in ("mini02", "mini03")]
        config = json.loads(self.sh("cat %s/openclaw.json" % STATE))
        self.token = config["gateway"]["auth"]["token"]

    def sh(self, script):
        return self.lab("exec", "mini01", "--", "/bin/sh", "-c", script)

    def probe(self, *words, **options):
        argv = [str(Path(sys.executable).with_name("ansible")), "mini01", "-i", self.lab.inventory, "-m",
                "clawops.openclaw.openclaw_probe", "-a", json.dumps(dict(options, user="openclaw")), *words]
        done = subprocess.run(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env=dict(os.environ, ANSIBLE_LOAD_CALLBACK_PLUGINS="1", ANSIBLE_STDOUT_CALLBACK="ansible.builtin.oneline"))
        text = done.stdout + done.stderr
        assert "=>" in done.stdout, text
        assert self.token not in text
        head, _arrow, body = done.stdout.partition("=>")
        return dict(json.loads(body.strip()), failed="FAILED" in head)

    def bastion(self, expect=("paths",), **changes):
        way = dict({"kind": "bastion", "hops": self.hops}, **changes)
        result = self.probe("-vvv", token=self.token, expect=list(expect), paths=[way])
        return result, result.get("paths", {}).get("bastion")

    def settle(self):
        # A Gateway takes connections before it says that it is ready.
        result = self.probe(wait_for="authenticated", expect=["ready"], timeout=180)
        assert result["state"] in ("healthy", "unknown"), result


@pytest.fixture(scope="module")
def host():
    spec = importlib.util.spec_from_file_location("deploy_kit", ROOT / "tests/integration/deploy/conftest.py")
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    lab = kit.Lab("probe-tests")
    lab.inventory = lab("up", "--hosts", "3").split()[-1]
    try:
        run = lab.playbook("deploy", "--limit", "mini01", gateway_throttle_interval=THROTTLE)
        assert run.rc == 0, run.out
        yield Host(lab)
    finally:
        lab("down")


def test_through_two_hops_and_no_other_way(host):
    result, one = host.bastion()
    assert not result["failed"] and one["state"] == "healthy", one
    verdicts = {name: verdict["verdict"] for name, verdict in one["verdicts"].items()}
    assert {verdicts[name] for name in ("tcp", "live", "ready", "auth", "scope", "rpc", "exposure")} == {"ok"}
    assert host.addresses["mini01"] in one["verdicts"]["exposure"]["reason"]
    assert one["server"]["version"] == result["server"]["version"]


def test_the_controller_needs_no_secret_to_see_that_somebody_is_there(host):
    way = {"kind": "bastion", "hops": host.hops}
    result = host.probe(paths=[way, dict(way, name="reached", expect=["tcp", "live", "ready", "exposure"])])
    assert (result["paths"]["bastion"]["state"], result["paths"]["bastion"]["code"]) == ("unknown", "token_missing")
    assert result["paths"]["reached"]["state"] == "healthy" and result["path"] == "bastion"


def test_a_wrong_token_is_refused_through_the_hops_too(host):
    result = host.probe(token="wrong-token-0123456789abcdef", paths=[{"kind": "bastion", "hops": host.hops}])
    assert result["paths"]["bastion"]["code"] == "AUTH_TOKEN_MISMATCH"
    host.settle()


def test_a_host_key_nobody_knows_is_refused(host, tmp_path):
    """Neither of the host itself nor of a hop."""
    inventory = json.loads(Path(host.lab.inventory).read_text().split("\n", 2)[2])
    known = Path(inventory["minis"]["vars"]["ansible_ssh_common_args"].split("UserKnownHostsFile=")[1].split()[0])
    lines = known.read_text().splitlines()
    own = [line for line in lines if host.addresses["mini01"] in line.split()[0]]
    others = [line for line in lines if line not in own]
    swapped = [" ".join([own[0].split()[0], *others[0].split()[1:]])]
    for name, kept, hop in (("nothing", [], "mini02"), ("not the host", others, "mini01"),
                            ("another key", others + swapped, "mini01")):
        path = tmp_path / name
        path.write_text("\n".join(kept) + "\n")
        result, one = host.bastion(expect=(), known_hosts=str(path))
        assert (one["state"], one["code"], one["layer"]) == ("unreachable", "ssh_host_key", "network"), (name, one)
        assert host.addresses[hop] in one["reason"]
        assert one["verdicts"]["live"]["verdict"] == "skipped" and result["path"] == "bastion"


def test_a_hop_that_lets_nobody_in(host):
    _result, one = host.bastion(expect=(), hops=["nobody@" + host.addresses["mini02"]])
    assert (one["state"], one["code"]) == ("unreachable", "ssh_refused") and "nobody@" in one["reason"]
    _result, one = host.bastion(expect=(), hops=[host.hops[0] + ":2"])
    assert (one["state"], one["code"]) == ("unreachable", "ssh_refused")


def test_somebody_binds_to_the_lab_address(host):
    where = (host.addresses["mini01"], PORT)
    script = 'import socket,time; s=socket.create_server(("%s", %d)); time.sleep(120)' % where
    host.sh("nohup /usr/bin/python3 -c '%s' >/dev/null 2>&1 & echo $! > /tmp/opener; sleep 1" % script)
    try:
        result = host.probe(token=host.token, expect=["paths"],
                            paths=[{"kind": "lan"}, {"kind": "bastion", "hops": host.hops}])
    finally:
        host.sh("kill $(cat /tmp/opener)")
    assert result["failed"] and result["failure"]["code"] == "port_open"
    assert {name: (one["state"], one["code"]) for name, one in result["paths"].items()} == {
        "lan": ("exposed", "port_open"), "bastion": ("exposed", "port_open")}


def test_self_under_launchd(host):
    result = host.probe(expect=["paths"], paths=[{"kind": "self"}])
    assert not result["failed"] and result["paths"]["self"]["state"] == "healthy"


def test_a_crash_loop_is_a_storm_and_not_waited_out(host):
    """Exit 78 after a second or two, long before it listens: only launchd sees these processes."""
    host.sh(f"cp -p {STATE}/openclaw.json /tmp/kept && echo broken > {STATE}/openclaw.json")
    try:
        host.sh("launchctl kickstart -k " + JOB)
        began = time.monotonic()
        result = host.probe(wait_for="ready", timeout=300, port=PORT)
        took = time.monotonic() - began
    finally:
        host.sh("cp -p /tmp/kept %s/openclaw.json" % STATE)
    assert result["failed"] and result["failure"]["code"] == "respawning" and result["lives"] >= 3, result
    assert took < 200 and "keeps coming and going" in result["failure"]["message"]
    host.settle()


def test_a_host_that_never_comes(host):
    host.sh("launchctl bootout " + JOB)
    try:
        result, one = host.bastion(expect=())
        assert (one["state"], one["code"]) == ("down", "ssh_channel")
        assert one["verdicts"]["exposure"]["verdict"] == "ok"
        result = host.probe(wait_for="ready", timeout=3)
    finally:
        host.sh("launchctl bootstrap system /Library/LaunchDaemons/ai.openclaw.gateway.plist")
    assert (result["failure"]["code"], result["lives"]) == ("connection_refused", 0)
    host.settle()
