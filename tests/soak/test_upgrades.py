# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""2026.7.1 to 2026.9.6 on two hosts, with real Gateways and clients that hold a connection, from an archive.

In the order of these tests: a preflight refuses, a release that cannot run goes back by itself and stops the fleet,
the runbook leaves an upgrade alone, both hosts are upgraded, a downgrade is refused, one host goes back all the same,
and is packed. The first host has a conversation, which goes along each time.
Takes minutes, so only `make soak` has it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from soak_kit import ROUNDS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from upgrade_kit import CONFIG, NEW, OLD, PATIENCE, SERVICE, TOKEN, Fleet, declared

pytestmark = pytest.mark.skipif(ROUNDS < 2, reason="minutes long: make soak has it")

ROOT, STATE = "/opt/openclaw", "/Users/openclaw/.openclaw"
ENTRY = ROOT + "/releases/%s/lib/node_modules/openclaw/dist/index.js" % NEW
#: Put before the entry of a release: it migrates the state, and ends when it should listen where the Gateway listens.
#: Its doctor, which asks by listening whether the port is free, is left alone.
BREAKS = (
    "import net from 'node:net';"
    "const listen = net.Server.prototype.listen;"
    "net.Server.prototype.listen = function (...words) {"
    " if (process.argv.includes('gateway') && JSON.stringify(words).includes('18789')) process.exit(1);"
    " return listen.apply(this, words); };"
)
DEVICE = (Path(__file__).resolve().parents[1] / "integration/deploy/paired_device.mjs").read_bytes()
#: Nothing listens there: whoever asks a network notices.
NOWHERE = {"gateway_npm_registry": "http://127.0.0.1:9/", "gateway_node_url": "http://127.0.0.1:9/{version}-{arch}.tar.gz"}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    made = Fleet("up-soak", 2, tmp_path_factory.mktemp("upgrades"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def clients(fleet):
    made = fleet.clients()
    yield made
    for client in made.values():
        client.end()


def asked(fleet, host, version, method, **params):
    """What the Gateway of a host answers, asked with the command of a release."""
    command = "cd /Users/openclaw; sudo -u openclaw -H %s/releases/%s/openclaw gateway call %s --json --token %s " \
              "--timeout 120000 --params '%s'" % (ROOT, version, method, TOKEN, json.dumps(params))  # fmt: skip
    out = fleet.sh(host, command)
    return json.loads(out[out.index("{"):])


@pytest.fixture(scope="module")
def conversation(fleet, clients):
    """The key of a conversation on the first host, and what was said in it."""
    key, said = "agent:main:probe", "what was said before the upgrade"
    assert asked(fleet, fleet.names[0], OLD, "sessions.create", key=key)["ok"]
    assert asked(fleet, fleet.names[0], OLD, "chat.inject", sessionKey=key, message=said)["ok"]
    return key, said


def runs(fleet, host):
    """What a host runs and would run: target of the link, process of the job, digest of its configuration."""
    look = "readlink %s/current; launchctl print %s | grep -w pid; sha256sum %s"
    return fleet.sh(host, look % (ROOT, SERVICE, CONFIG))


def schema(fleet, host, path="state/openclaw.sqlite"):
    code = "import sqlite3; print(sqlite3.connect('file:%s/%s?mode=ro', uri=True).execute('PRAGMA user_version')" \
           ".fetchone()[0])" % (STATE, path)  # fmt: skip
    return int(fleet.sh(host, 'su openclaw -c "/usr/bin/python3 -c \\"%s\\""' % code))


def test_a_key_that_the_new_release_rejects_is_refused_before_anything(fleet, clients):
    host = fleet.names[0]
    config = json.loads(fleet.sh(host, "cat " + CONFIG))
    fleet.sh(host, "cp -p %s /private/var/tmp/kept" % CONFIG)
    fleet.sh(host, "cat >%s <<'EOF'\n%s\nEOF" % (CONFIG, json.dumps(dict(config, unheard="of"))))
    before = runs(fleet, host)
    done = fleet.deploy(NEW, target=host, **NOWHERE)
    assert done.rc, done.out
    assert "openclaw.json: <root>" in done.out or "unheard" in done.out, done.out
    assert "Nothing was changed." in done.out
    assert runs(fleet, host) == before
    fleet.sh(host, "cp -p /private/var/tmp/kept %s" % CONFIG)


def test_a_conversation_can_be_left_to_a_person(fleet, clients, conversation):
    host = fleet.names[0]
    before = runs(fleet, host)
    done = fleet.deploy(NEW, target=host, gateway_legacy_state="refuse", **NOWHERE)
    assert done.rc and "sessions.json" in done.out and "doctor --fix" in done.out, done.out
    assert runs(fleet, host) == before


def test_a_release_that_cannot_run_goes_back_by_itself_and_stops_the_fleet(fleet, clients, conversation):
    first, second = fleet.names
    argv = "TOKEN=%s PORT=18789 /opt/homebrew/bin/node --input-type=module -" % TOKEN
    fleet.sh(first, "%s <<'EOF'\n%s\nEOF" % (argv, DEVICE.decode()))
    # Behind its first line, which names its interpreter.
    broken = "cp -p {0} {0}.kept; {{ head -n 1 {0}.kept; echo \"{1}\"; tail -n +2 {0}.kept; }} >{0}"
    fleet.sh(first, broken.format(ENTRY, BREAKS))
    before, other = fleet.starts(first), (runs(fleet, second), fleet.starts(second))
    done = fleet.deploy(NEW, deploy_serial=1, gateway_ready_timeout=200, **NOWHERE)
    assert done.rc, done.out
    assert "%s is back at OpenClaw %s, and that is proven" % (first, OLD) in done.out, done.out
    assert "state/openclaw.sqlite" in done.out and "devices/paired.json" in done.out
    assert (runs(fleet, second), fleet.starts(second)) == other
    assert second not in done.recap or not done.recap[second]["changed"]
    assert fleet.sh(first, "readlink %s/current" % ROOT).strip() == "releases/" + OLD
    assert schema(fleet, first) == 1
    assert schema(fleet, first, ".upgrade/newer/state/openclaw.sqlite") > 1
    assert "paired.json" in fleet.sh(first, "ls %s/devices" % STATE).split()
    key, said = conversation
    assert said in json.dumps(asked(fleet, first, OLD, "chat.history", sessionKey=key))
    clients[first].wait_for(2)
    assert clients[first].outages()[-1][1] == OLD
    # One start of the new release, one of the old one.
    assert fleet.starts(first) - before == 2
    fleet.sh(first, "mv %s.kept %s" % (ENTRY, ENTRY))


def test_the_runbook_leaves_an_upgrade_to_the_deploy(fleet, clients, tmp_path):
    host = fleet.names[1]
    before = runs(fleet, host), fleet.starts(host)
    done = fleet.play("remediate", NEW, target=host, remediate_doctor=False, remediate_evidence_dir=str(tmp_path),
                      **NOWHERE)
    assert done.rc == 0, done.out
    assert "OCG-VERSION-001" in done.out and "clawops.openclaw.deploy -e target=%s" % host in done.out, done.out
    assert done.recap[host]["changed"] == 0
    assert (runs(fleet, host), fleet.starts(host)) == before


def test_the_upgrade_costs_one_restart_and_a_second_run_nothing(fleet, clients, conversation):
    before = {name: fleet.starts(name) for name in fleet.names}
    lost = {name: len(client.outages()) for name, client in clients.items()}
    done = fleet.deploy(NEW, **NOWHERE)
    assert done.rc == 0, done.out
    for name, client in clients.items():
        client.wait_for(2 + lost[name])
        assert fleet.starts(name) - before[name] == 1
        assert [version for _seconds, version in client.outages()[lost[name]:]] == [NEW]
        assert schema(fleet, name) > 1
    key, said = conversation
    assert said in json.dumps(asked(fleet, fleet.names[0], NEW, "chat.history", sessionKey=key))
    assert "lastRunCommand" not in fleet.sh(fleet.names[0], "cat " + CONFIG), "the doctor's own settings"
    for words in (["--check"], []):
        again = fleet.deploy(NEW, *words, **NOWHERE)
        assert again.rc == 0, again.out
        assert [counts["changed"] for counts in again.recap.values()] == [0, 0], again.out
    assert {name: fleet.starts(name) - before[name] for name in fleet.names} == dict.fromkeys(fleet.names, 1)


def test_what_the_old_release_could_not_read_is_no_downgrade(fleet, clients):
    host = fleet.names[0]
    before = runs(fleet, host)
    done = fleet.deploy(OLD, target=host, **NOWHERE)
    assert done.rc, done.out
    assert "state/openclaw.sqlite: has schema" in done.out and "Nothing was changed." in done.out
    assert runs(fleet, host) == before


def test_a_person_goes_back_only_with_the_state_of_then(fleet, clients):
    host = fleet.names[1]
    before = runs(fleet, host), fleet.starts(host)
    refused = fleet.play("rollback", NEW, target=host, rollback_timeout=PATIENCE)
    assert refused.rc, refused.out
    assert "state/openclaw.sqlite has schema" in refused.out and "-e rollback_state=true" in refused.out, refused.out
    assert (runs(fleet, host), fleet.starts(host)) == before
    done = fleet.play("rollback", NEW, target=host, rollback_timeout=PATIENCE, rollback_state=True)
    assert done.rc == 0, done.out
    assert fleet.sh(host, "readlink %s/current" % ROOT).strip() == "releases/" + OLD
    assert fleet.starts(host) == before[1] + 1
    assert (schema(fleet, host), schema(fleet, host, ".upgrade/newer/state/openclaw.sqlite") > 1) == (1, True)
    again = fleet.deploy(NEW, target=host, **NOWHERE)
    assert again.rc == 0 and schema(fleet, host) > 1, again.out


def test_what_a_host_runs_is_packed_byte_for_byte(fleet, clients, tmp_path):
    host = fleet.names[1]
    done = fleet.play("pack", NEW, target=host, pack_to=str(tmp_path))
    assert done.rc == 0, done.out
    digest = hashlib.sha256((tmp_path / ("openclaw-%s.tar.gz" % NEW)).read_bytes()).hexdigest()
    assert "gateway_archive_sha256: " + digest in done.out
    assert digest == declared(NEW)["gateway_archive_sha256"]
    assert ".tar.gz" not in fleet.sh(host, "ls -A /private/tmp")


def test_nothing_is_left_of_the_archive(fleet):
    for name in fleet.names:
        assert fleet.sh(name, "ls -A " + ROOT).split() == ["bin", "current", "node", "releases"]
        assert os.path.basename(fleet.sh(name, "readlink %s/current" % ROOT).strip()) == NEW
