# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openclaw_permissions on a simulated Mac, as root among files that an account can rearrange."""

from __future__ import annotations

import stat

import pytest

STATE = "/Users/openclaw/.openclaw"


@pytest.fixture
def state(mac):
    mac.sh("rm -rf %s; mkdir %s" % (STATE, STATE))
    mac.sh("cd %s; %s" % (STATE, """
        mkdir -p credentials/a devices agents/main/agent; echo key > credentials/a/key
        for name in openclaw.json openclaw.json.before-update devices/paired.json; do echo '{}' > $name; done
        chown -R openclaw:staff .; chmod -R go-rwx .
    """))
    yield STATE
    mac.sh("rm -rf %s" % STATE)


def mode(mac, path):
    facts = mac.at(path).lstat()
    return stat.S_IMODE(facts.st_mode), facts.st_uid


def test_what_is_private_stays_as_it_is(mac, state):
    result = mac.task("openclaw_permissions")
    assert (result["changed"], result["changes"], result["left"]) == (False, [], [])


def test_foretold_done_and_done_once(mac, state):
    owner = mode(mac, state)[1]
    mac.sh("cd %s; chmod 755 .; chmod 644 openclaw.json openclaw.json.before-update; chmod 777 devices; "
           "chown root credentials/a/key" % state)  # fmt: skip
    copy = state + "/openclaw.json.before-update"
    said = mac.task("openclaw_permissions", "--check", "--diff", paths=[copy])
    assert mode(mac, state + "/openclaw.json")[0] == 0o644
    done = mac.task("openclaw_permissions", "--diff", paths=[copy])
    assert said["changed"] and done["changed"] and said["changes"] == done["changes"]
    assert mode(mac, state) == (0o700, owner) and mode(mac, state + "/openclaw.json") == (0o600, owner)
    assert mode(mac, state + "/devices") == (0o755, owner) and mode(mac, copy) == (0o600, owner)
    assert mode(mac, state + "/credentials/a/key") == (0o600, owner)
    assert mac.task("openclaw_permissions", paths=[copy])["changed"] is False


def test_a_link_is_left_alone_and_told(mac, state):
    mac.sh("cd %s; cp /etc/hosts /etc/victim; chmod 644 /etc/victim; rm -r credentials; ln -s /etc credentials; "
           "ln -sf /etc/victim openclaw.json" % state)  # fmt: skip
    before = {path: mode(mac, path) for path in ("/etc", "/etc/victim")}
    result = mac.task("openclaw_permissions", paths=[state + "/openclaw.json"])
    assert {path: mode(mac, path) for path in before} == before
    assert result.get("failure") or result["left"], result


def test_a_second_name_of_somebody_elses_file_is_refused(mac, state):
    mac.sh("echo x > /etc/victim; chmod 644 /etc/victim; ln /etc/victim %s/credentials/a/other" % state)
    result = mac.task("openclaw_permissions")
    assert result["failure"]["code"] == "file_of_stranger" and "Next: " in result["msg"]
    assert mode(mac, "/etc/victim") == (0o644, 0)


def test_an_account_that_is_not_there_is_named(mac):
    result = mac.task("openclaw_permissions", user="nobody-of-that-name")
    assert result["failure"]["code"] == "user_missing"
