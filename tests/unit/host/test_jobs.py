# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both scopes of a label, what else is like a Gateway, and who supervises it: from what launchctl print says."""
import collections
import os
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import jobs
from ansible_collections.clawops.openclaw.plugins.module_utils._service import definitions
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl

LABEL = "ai.openclaw.gateway"
Account = collections.namedtuple("Account", "name uid gid home")
ME = Account("openclaw", 502, 20, "/Users/openclaw")
NO_DOMAIN = (112, "", "Bad request.\nCould not find domain for user gui: 502\n")
NO_SERVICE = (113, "", 'Bad request.\nCould not find service "x" in domain for system\n')


def domain(name, services=(), disabled=()):
    """What launchctl print says of a domain, as on macOS 26."""
    lines = ["\t\t%8d %6s \t%s" % service for service in services]
    overrides = ['\t\t"%s" => %s' % pair for pair in disabled]
    return (0, "\n".join([
        name + " = {", "\ttype = system", "\thandle = 0", "\tsecurity context = {", "\t\tuid unset", "\t}", "",
        "\tenvironment = {", "\t\tA => disabled", "\t}", "", "\tservices = {", *lines, "\t}", "",
        "\tunmanaged processes = {", "\t\t 77 other com.openclaw.fake", "\t}", "",
        "\tdisabled services = {", *overrides, "\t}", "", "\tproperties = uncorked", "}", ""]), "")  # fmt: skip


def job(state="running", pid=4711, place="system", extra=""):
    line = "\tpid = %d\n" % pid if pid else ""
    return (0, "%s/%s = {\n\tpath = /Library/LaunchDaemons/x.plist\n\tstate = %s\n\tdomain = %s\n%s"
            "\tminimum runtime = 30\n\truns = 2\n%s}\n" % (place, LABEL, state, place, line, extra), "")  # fmt: skip


HEALTHY = {
    "system": domain("system", [(4711, "-", LABEL), (0, "0", "com.apple.x")], [("com.apple.ftp", "disabled")]),
    "gui/502": NO_DOMAIN,
    "user/502": domain("user/502"),
    "system/" + LABEL: job(),
}


class Asked:
    """launchctl with a table of answers, which notes what it is asked."""

    def __init__(self, *changes):
        self.answers, self.words, self.disabled = dict(HEALTHY, **dict(*changes)), [], {}
        self.launchctl = Launchctl("/bin/launchctl", self._run)

    def _run(self, argv, timeout):
        self.words.append(argv[2])
        return self.answers[argv[2]] if argv[1] == "print" else self.disabled.get(argv[2], (1, "", ""))


@pytest.fixture
def place(tmp_path):
    daemons, agents, shared = (str(tmp_path / name) for name in ("LaunchDaemons", "agents", "LaunchAgents"))
    for directory in (daemons, agents, shared):
        os.mkdir(directory)

    def place(**files):
        for path, definition in files.items():
            directory, name = path.split("__")
            with open(os.path.join(str(tmp_path), directory, name.replace("_", ".") + ".plist"), "wb") as stream:
                plistlib.dump(definition, stream)
        survey = definitions.survey(jobs.directories(ME, daemons, agents), LABEL)
        return jobs.Place(LABEL, ME, daemons, agents, survey)

    return place


DEFINITION = {"Label": LABEL, "ProgramArguments": ["/o/openclaw", "gateway"], "KeepAlive": True}


def look(asked, there):
    known = jobs.domains(asked.launchctl, ME)
    return known, jobs.describe(asked.launchctl, there, known)


def test_a_healthy_daemon_takes_four_questions(place):
    asked = Asked()
    _known, (daemon, agent) = look(asked, place(LaunchDaemons__ai_openclaw_gateway=DEFINITION))
    assert (daemon["loaded"], daemon["pid"], daemon["runs"], daemon["disabled"]) == (True, 4711, 2, False)
    assert daemon["definition"]["keep_alive"] is True and len(daemon["plists"]) == 1
    assert (agent["loaded"], agent["domain_present"], agent["disabled"], agent["plists"]) == (False, False, False, [])
    assert agent["definition"] is None and agent["error"] is None
    assert asked.words == ["system", "gui/502", "user/502", "system/" + LABEL]


def test_domains():
    asked = Asked({"system": domain("system", [(0, "-15", "a b"), (12, "-", "c")], [("a", "true"), ("c", "false")])})
    known = jobs.domains(asked.launchctl, ME)[0]
    assert known == jobs.Domain("system", True, {"a b": None, "c": 12}, {"a": True, "c": False})


def test_an_override_that_disables(place):
    off = {"system": domain("system", [], [(LABEL, "disabled")]), "user/502": domain("u", [], [(LABEL, "disabled")])}
    _known, (daemon, agent) = look(Asked(off), place())
    assert (daemon["loaded"], daemon["disabled"], agent["disabled"]) == (False, True, True)


@pytest.mark.parametrize("silence", [(None, "", ""), (1, "", "Operation not permitted"), (5, "", "Input/output error")])
def test_a_silent_launchd_is_not_an_absent_job(place, silence):
    names = ("system", "gui/502", "user/502", "system/" + LABEL, "gui/502/" + LABEL)
    asked = Asked(dict.fromkeys(names, silence))
    known, scopes = look(asked, place())
    for scope in scopes:
        assert scope["loaded"] is None and scope["disabled"] is None and scope["error"]
    assert jobs.supervisors(asked.launchctl, place(), known) is None


def test_old_launchds_that_list_nothing_are_asked_for_the_job(place):
    bare = (0, "system = {\n\ttype = system\n}\n", "")
    asked = Asked({"system": bare, "gui/502": bare, "user/502": bare, "gui/502/" + LABEL: NO_SERVICE})
    asked.disabled = {"system": (0, 'disabled services = {\n\t"%s" => true\n}\n' % LABEL, "")}
    _known, (daemon, agent) = look(asked, place())
    assert daemon["loaded"] is True and agent["loaded"] is False and agent["domain_present"] is True
    assert daemon["disabled"] is True and agent["disabled"] is None


def test_two_supervisors(place):
    gui = {"gui/502": domain("gui/502", [(9, "-", LABEL)]), "gui/502/" + LABEL: job(pid=9, place="gui/502"),
           "user/502": domain("user/502", [(9, "-", LABEL)]),
           "user/502/" + LABEL: job(pid=9, place="gui/502 [100021]")}  # fmt: skip
    asked = Asked(gui)
    there = place(LaunchDaemons__ai_openclaw_gateway=DEFINITION, LaunchAgents__other=DEFINITION)
    known, (_daemon, agent) = look(asked, there)
    assert agent["loaded"] and agent["pid"] == 9 and agent["plists"][0].endswith("LaunchAgents/other.plist")
    assert jobs.supervisors(asked.launchctl, there, known) == ["system/" + LABEL, "gui/502/" + LABEL]
    assert len(there.survey.of(LABEL)) == 2


def test_a_job_in_the_background_domain_is_a_supervisor_too(place):
    asked = Asked({"user/502": domain("u", [(9, "-", LABEL)]), "user/502/" + LABEL: job(pid=9, place="user/502")})
    there = place()
    assert jobs.supervisors(asked.launchctl, there, jobs.domains(asked.launchctl, ME))[1:] == ["user/502/" + LABEL]


def test_others(place):
    asked = Asked({"system": domain("system", [(7, "-", "bot.clawdbot.gateway"), (8, "-", "my.bot"), (9, "-", "x")])})
    there = place(
        LaunchDaemons__my_bot={"Label": "my.bot", "ProgramArguments": ["/usr/local/bin/openclaw", "gateway"]},
        agents__ai_openclaw_node={"Label": "ai.openclaw.node", "ProgramArguments": ["/n/openclaw", "node", "run"]},
        agents__ai_openclaw_gateway=DEFINITION,
    )
    found = {item["label"]: item for item in jobs.others(there, jobs.domains(asked.launchctl, ME), [])}
    assert set(found) == {"my.bot", "ai.openclaw.node", "bot.clawdbot.gateway"}
    bot = found["my.bot"]
    keys = ("domain", "pid", "loaded", "why", "gateway")
    assert [bot[key] for key in keys] == ["system", 8, True, "program", True]
    node = found["ai.openclaw.node"]
    assert (node["domain"], node["loaded"], node["why"], node["gateway"]) == ("gui/502", False, "label", False)
    assert found["bot.clawdbot.gateway"] == dict(
        found["bot.clawdbot.gateway"], path=None, pid=7, loaded=True, why="label", gateway=None)  # fmt: skip


SYSTEM, GUI = jobs.Domain("system", True, {}, {}), jobs.Domain("gui/502", True, {}, {})


def test_what_people_have_in_their_launch_agents(place, tmp_path):
    person = Account("admin", 501, 20, str(tmp_path))
    (tmp_path / "Library/LaunchAgents").mkdir(parents=True)
    brewed = {"Label": "homebrew.mxcl.openclaw", "ProgramArguments": ["/opt/homebrew/bin/openclaw", "gateway", "run"]}
    for name, definition in (("homebrew.mxcl.openclaw", brewed), (LABEL, DEFINITION), ("com.x", {"Label": "com.x"})):
        (tmp_path / "Library/LaunchAgents" / (name + ".plist")).write_bytes(plistlib.dumps(definition))
    people = jobs.of_people([person], LABEL)
    found = {item["label"]: item for item in jobs.others(place(), [SYSTEM, GUI], people)}
    assert set(found) == {"homebrew.mxcl.openclaw", LABEL}
    one = found["homebrew.mxcl.openclaw"]
    assert (one["domain"], one["loaded"], one["pid"], one["gateway"]) == ("gui/501", None, None, True)
    assert jobs.others(place(), [SYSTEM, GUI], jobs.of_people([], LABEL)) == []
    assert jobs.unseen(place(), [SYSTEM, GUI], people) == []


def test_what_could_not_be_looked_into_is_unseen(place, tmp_path):
    place()
    # A link to nothing starts nothing, a directory is no property list.
    os.symlink("/nowhere", str(tmp_path / "LaunchDaemons/com.openclaw.gone.plist"))
    os.mkdir(str(tmp_path / "LaunchDaemons/com.x.plist"))
    os.symlink("loop.plist", str(tmp_path / "agents/loop.plist"))
    os.symlink("openclaw.plist", str(tmp_path / "agents/openclaw.plist"))
    person = Account("admin", 501, 20, str(tmp_path / "admin"))
    (tmp_path / "admin").mkdir()
    os.symlink("Library", str(tmp_path / "admin/Library"))
    daemons, agents = str(tmp_path / "LaunchDaemons"), str(tmp_path / "agents")
    survey = definitions.survey([(daemons, "daemon"), (agents, "agent")], LABEL)
    there = jobs.Place(LABEL, ME, daemons, agents, survey)
    silent = jobs.Domain("user/502", True, None, None)
    assert jobs.unseen(there, [SYSTEM, silent], jobs.of_people([person], LABEL)) == sorted([
        str(tmp_path / "agents/loop.plist"), str(tmp_path / "agents/openclaw.plist"),
        str(tmp_path / "admin/Library/LaunchAgents"), "user/502"])  # fmt: skip


def test_a_directory_that_may_not_be_listed_is_said(place, tmp_path):
    there = place()
    there.survey.closed[str(tmp_path / "agents")] = "Permission denied"
    _known, (daemon, agent) = look(Asked(), there)
    assert daemon["error"] is None and "permission denied" in agent["error"]
