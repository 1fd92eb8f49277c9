# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job takes the place of another, against the launchd double: every way, refused, foretold, failed."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import act, rivals, service
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from moving import (
    AGENT,
    GATEWAY,
    LABEL,
    OTHERS,
    declared,
    from_a_cellar,
    homebrews,
    homebrews_daemon,
    openclaws_agent,
    other_scope,
    somebody_elses,
)


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.__name__)
def test_it_makes_room_and_can_come_back(mover, other):
    path, there, kind = other(mover)
    bytes_before, status = path.read_bytes(), path.stat()
    assert there in mover.jobs()
    foreseen = mover(check=True)
    assert there in mover.jobs() and path.exists() and not os.path.exists(mover.records)
    done = mover()

    assert mover.jobs() == {"system/" + LABEL: done["job"]["pid"]} and done["job"]["pid"]
    for key in ("changed", "actions", "diff", "restarted", "reload_reasons"):
        assert foreseen[key] == done[key], key
    (told,) = done["replaced"]
    assert (told["label"], told["domain"], told["kind"]) == (there.rpartition("/")[2], there.rpartition("/")[0], kind)
    override = there.replace("gui/", "user/")
    assert told["label"] in mover.disabled(override.rpartition("/")[0])
    assert done["restarted"] is (kind != "updater")
    if other is from_a_cellar:
        # What launchd would not load again by itself stays where it is.
        assert path.exists() and told["kept"] is None
    else:
        assert not path.exists()
        kept = pathlib.Path(told["kept"])
        assert kept.read_bytes() == bytes_before
        assert kept.stat().st_mode & 0o777 == 0o600 and kept.stat().st_uid == 0
        assert kept.parent.stat().st_mode & 0o777 == 0o700
        assert json.loads((kept.parent / "jobs.json").read_text())["jobs"][0]["label"] == told["label"]

    # It does not come back by itself, neither now nor after a reboot; and nothing is left to do.
    mover.launchd.control("reboot")
    mover.launchd.control("login", "5020")
    assert list(mover.jobs()) == ["system/" + LABEL]
    again = mover()
    assert not again["changed"] and again["replaced"] == again["others"] == []
    assert again["comparison"]["declared_disk"] == again["comparison"]["disk_loaded"] == []

    # The commands that are told bring it back, once ours is gone.
    mover(state="absent", others="refuse")
    for command in told["restore"]:
        words = command.replace("'", "").split()[1:]
        if words[0] == "launchctl":
            assert mover.launchd.run(words, 5)[0] == 0 or "gui/5010" in command
        else:
            subprocess.run([words[0] if words[0] != "install" else shutil.which("install"), *words[1:]], check=True)
    assert path.read_bytes() == bytes_before
    assert (path.stat().st_uid, path.stat().st_mode) == (status.st_uid, status.st_mode)


@pytest.mark.parametrize(
    "other",
    [other_scope, openclaws_agent, homebrews, homebrews_daemon, somebody_elses],
    ids=lambda other: other.__name__,
)
def test_it_is_refused_by_name(mover, other):
    path, there, kind = other(mover)
    code, option = ("label_in_other_scope", "replace_label") if kind == "label" else ("other_gateway", "replace")
    failure = mover.refused(code, "refuse")
    assert str(path) in failure.message and "two Gateways" in failure.message
    assert "gateway_others: " + option in failure.hint and "bootout " + there in failure.hint
    if kind != "label":
        assert kind in failure.message
        mover.refused(code, "replace_label")
    assert mover.refused(code, "refuse", check=True).message == failure.message


def test_only_the_label_makes_room(mover):
    other_scope(mover)
    done = mover("replace_label")
    assert [one["kind"] for one in done["replaced"]] == ["label"]
    assert list(mover.jobs()) == ["system/" + LABEL]


def test_what_is_no_rival_is_left_alone(mover):
    apart = {"OPENCLAW_STATE_DIR": "/Users/openclaw/second"}
    words = [*GATEWAY, "--port", "19001"]
    mover.install(mover.mac.agents / "a.plist", {"Label": "org.second.openclaw", "ProgramArguments": words,
                                                 "EnvironmentVariables": apart}, AGENT, 5020)  # fmt: skip
    # That the account is called openclaw makes nothing a Gateway that it runs.
    words = ["/bin/sh", "-c", "exec sleep 600", str(mover.mac.home / "bin/relay"), "gateway"]
    relay = {"Label": "org.example.relay", "ProgramArguments": words, "UserName": "openclaw"}
    mover.install(mover.mac.daemons / "b.plist", relay, "system", 0)
    tui = {"Label": "org.openclaw.tui", "ProgramArguments": ["/bin/sleep", "600"]}
    mover.install(mover.mac.daemons / "c.plist", tui, "system", 0)
    before = mover.jobs()
    done = mover()
    assert done["replaced"] == done["others"] == []
    assert mover.jobs() == dict(before, **{"system/" + LABEL: done["job"]["pid"]})


def test_what_rests_is_told_and_not_in_the_way(mover):
    mover.install(mover.mac.agents / "homebrew.mxcl.openclaw.plist",
                  {"Label": "homebrew.mxcl.openclaw", "ProgramArguments": GATEWAY}, None, 5020)  # fmt: skip
    done = mover("refuse")
    assert [(one["label"], one["loaded"]) for one in done["others"]] == [("homebrew.mxcl.openclaw", False)]
    taken = mover()
    assert taken["changed"] and not taken["restarted"] and taken["job"]["pid"] == done["job"]["pid"]
    assert not mover()["changed"]


def test_to_the_agent_and_back(mover):
    first = mover("refuse")
    agent = mover("replace_label", scope="agent")
    assert list(mover.jobs()) == [AGENT + "/" + LABEL] and agent["job"]["pid"] != first["job"]["pid"]
    assert agent["restarted"] and not mover("refuse", scope="agent")["changed"]
    assert not (mover.mac.daemons / (LABEL + ".plist")).exists()
    back = mover("replace_label")
    assert list(mover.jobs()) == ["system/" + LABEL] and back["job"]["pid"] and not back["job"]["disabled"]
    mover.launchd.control("reboot")
    mover.launchd.control("login", "5020")
    assert list(mover.jobs()) == ["system/" + LABEL]
    assert len([name for name in os.listdir(mover.records) if name.startswith("replaced-")]) == 2


def test_to_an_agent_without_login(mover):
    mover("refuse")
    mover.launchd.control("logout", "5020")
    assert "gui/5020" in mover.refused("gui_domain_absent", "replace_label", scope="agent").message


def test_adopted_in_place(mover):
    path, there, dummy = openclaws_agent(mover)
    pid = mover.jobs()[there]
    done = mover("refuse", scope="agent")
    assert done["restarted"] and mover.jobs() == {there: done["job"]["pid"]} and done["job"]["pid"] != pid
    assert done["comparison"]["declared_disk"] and "Comment" in done["comparison"]["declared_disk"]


def test_defined_twice_in_one_directory(mover):
    mover("refuse")
    twin = mover.mac.daemons / "aaa.plist"
    shutil.copy(str(mover.mac.daemons / (LABEL + ".plist")), str(twin))
    failure = mover.refused("label_defined_twice", "refuse")
    assert str(twin) in failure.message and "bootout" not in failure.hint
    before = mover.jobs()
    done = mover("replace_label")
    assert done["changed"] and not done["restarted"] and mover.jobs() == before and not twin.exists()
    assert LABEL not in mover.disabled("system")
    assert not mover("refuse")["changed"]


def test_an_updater_at_work_is_not_disturbed(mover):
    definition = {"Label": "ai.openclaw.update.1", "ProgramArguments": ["/bin/sleep", "600"]}
    mover.install(mover.mac.daemons / "ai.openclaw.update.1.plist", definition, "system", 0)
    assert "at work" in mover.refused("updater_running").message


# -- failing -----------------------------------------------------------------------------------------------------------


def property_lists(mover):
    """Every property list of a job with mode, owner and bytes."""
    tree = mover.mac.tree().items()
    return {name: row[:2] + row[3:] for name, row in tree if name.endswith(".plist") and "Launch" in name}


REFUSED, BLOCKED = ("bootstrap_rc", "rc=122", "label=" + LABEL), ("btm_block", "label=" + LABEL)
#: What is blocked is blocked for the other one as well when it has the same label.
FAILING = [(other, REFUSED) for other in (other_scope, openclaws_agent, homebrews, homebrews_daemon, from_a_cellar)]
FAILING += [(other, BLOCKED) for other in (homebrews, homebrews_daemon, from_a_cellar)]


@pytest.mark.parametrize("other, fault", FAILING, ids=lambda one: one.__name__ if callable(one) else one[0])
def test_it_is_put_back_when_ours_fails(mover, other, fault):
    path, there, dummy = other(mover)
    before = property_lists(mover)
    mover.launchd.control("inject", *fault)
    with pytest.raises(Failure) as caught:
        mover()
    assert caught.value.details["put_back"] is True, caught.value.message
    assert there in caught.value.message and "as it was again" in caught.value.message
    assert list(mover.jobs()) == [there]
    assert property_lists(mover) == before
    assert there.rpartition("/")[2] not in mover.disabled(there.rpartition("/")[0].replace("gui/", "user/"))
    assert not os.path.exists(mover.records)
    mover.launchd.control("clear")
    assert mover()["job"]["pid"] and list(mover.jobs()) == ["system/" + LABEL]


def test_what_was_refused_has_touched_nothing(mover):
    other_scope(mover)
    assert mover.refused("program_missing", program=("/not/there", "gateway"))
    assert mover.refused("working_directory_missing", working_directory="/not/there")


def test_one_that_will_not_end(mover):
    path, there, dummy = homebrews(mover)
    mover.launchd.control("inject", "teardown_lag", "seconds=600", "label=homebrew.mxcl.openclaw")

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

        def sleep(self, seconds):
            self.now += seconds

    place, definition = declared(mover.mac)
    launchctl = Launchctl("/bin/launchctl", mover.launchd.run)
    treated = rivals.Others("replace", mover.records, {}.get)
    with pytest.raises(Failure) as caught:
        patience = act.Patience(10, 0)
        service.converge(
            launchctl, place, mover.mac.account, "started", definition, patience, False, Clock(), others=treated
        )
    assert caught.value.code == "job_will_not_end" and "system/" + LABEL not in mover.jobs()
    assert path.exists()
