# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a Mac, from programs that say it their own way or not at all, and how it is proven afterwards."""
import os
import pwd

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions, headless
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import act, plan, seen, wanted

ME = pwd.getpwuid(os.getuid())
NAMES = (companions.MAX_FILES, companions.MAX_FILES_PER_PROCESS)
OPTIONS = {
    "user": "openclaw", "state_dir": None, "account": "present", "uid": None, "home": None, "shell": None,
    "full_name": None, "hidden": None, "power": {"sleep": 0}, "log_rotation": "as_is", "log_size": 10, "log_keep": 5,
    "log_interval": 300, "logs": None, "max_files": 49152, "max_files_per_process": 10240, "time_machine": "excluded",
    "spotlight": "excluded",
}  # fmt: skip
PMSET = "AC Power:\n Sleep On Power Button 1\n sleep                1 (sleep prevented by coreaudiod)\n powermode 2\n"


class Mac:
    """Programs that answer by name, and a home directory."""

    def __init__(self, place):
        self.home = place / "home"
        self.state = self.home / ".openclaw"
        self.state.mkdir(parents=True)
        self.answers = {
            "pmset": PMSET, "sysctl": "12288\n10240\n", "tmutil": "[Included]    %s\n" % self.state,
            "mdutil": "/:\n\tIndexing enabled. \n", "dscl": "dsAttrTypeNative:IsHidden: 1\n",
            "socketfilterfw": "Firewall is enabled. (State = 1)\n", "fdesetup": "FileVault is Off.\n",
        }  # fmt: skip
        self.heard = []

    def hear(self, argv, _patience):
        self.heard.append(argv)
        said = self.answers[os.path.basename(argv[0])]
        if isinstance(said, Exception):
            raise said
        return (0, said, "") if isinstance(said, str) else said

    def who(self):
        return seen.Account("openclaw", ME.pw_uid, ME.pw_gid, str(self.home), "/bin/zsh", "x", True)

    def read(self, **options):
        want = wanted.of(dict(OPTIONS, **options), NAMES)
        return seen.read(want, self.who(), True, str(self.state), ["/l/gateway.log"], self.hear)


@pytest.fixture
def mac(tmp_path, monkeypatch):
    mac = Mac(tmp_path)
    for module, name in ((seen, "DSCL"), (seen, "TMUTIL"), (seen, "MDUTIL"), (seen, "FIREWALL"), (headless, "PMSET"),
                         (headless, "FDESETUP"), (companions, "SYSCTL")):  # fmt: skip
        program = tmp_path / "bin" / os.path.basename(getattr(module, name))
        program.parent.mkdir(exist_ok=True)
        program.touch(0o755)
        monkeypatch.setattr(module, name, str(program))
    for name in ("POWER", "LOGIN_WINDOW", "KCPASSWORD", "CONSOLE"):
        monkeypatch.setattr(headless, name, str(tmp_path / "none"))
    monkeypatch.setattr(seen, "NEWSYSLOG", (str(tmp_path / "newsyslog.conf"),))
    return mac


def test_everything_is_read_and_nothing_set(mac):
    found = mac.read()
    assert found.power == {"Sleep On Power Button": 1, "sleep": 1, "powermode": 2}
    assert found.limits == {"kern.maxfiles": 12288, "kern.maxfilesperproc": 10240}
    assert found.excluded == {"time_machine": False, "spotlight": False}
    assert found.lacks == {"home": [], "state": []}
    assert (found.facts["firewall"], found.facts["filevault"], found.facts["indexing"]) == (1, False, True)
    reading = {"-g", "custom", "-n", *NAMES, "isexcluded", str(mac.state), "-s", "/", "--getglobalstate", "status"}
    assert {word for argv in mac.heard for word in argv[1:]} <= reading


@pytest.mark.parametrize("answer", [(1, "", "no"), (None, "", ""), OSError("gone"), "", "nonsense\n"])
def test_what_says_nothing_is_unknown(mac, answer):
    mac.answers = dict.fromkeys(mac.answers, answer)
    found = mac.read()
    assert not found.power and (found.limits, found.excluded["time_machine"]) == (None, None)
    facts = found.facts
    assert (facts["firewall"], facts["filevault"], facts["indexing"]) == (None, None, None)


def test_what_is_missing_is_named_from_the_outside_in(mac):
    mac.state.rmdir()
    mac.home.rmdir()
    found = mac.read()
    assert found.lacks == {"home": [str(mac.home)], "state": [str(mac.home), str(mac.state)]}
    assert found.excluded["time_machine"] is False and not any("isexcluded" in argv for argv in mac.heard)


def test_a_file_in_the_place_of_the_state_directory_is_refused(mac):
    mac.state.rmdir()
    mac.state.write_text("")
    with pytest.raises(Failure) as caught:
        mac.read()
    assert (caught.value.code, caught.value.details["path"]) == ("path_refused", str(mac.state))


@pytest.mark.parametrize("said, hidden", [
    ("dsAttrTypeNative:IsHidden: 1\n", True), ("IsHidden: YES\n", True), ("dsAttrTypeNative:IsHidden: 0\n", False),
    ("No such key: IsHidden\n", False), ((56, "", "no"), None),
])  # fmt: skip
def test_whether_an_account_is_hidden(mac, said, hidden):
    mac.answers["dscl"] = said
    assert seen.account(ME.pw_name, mac.hear).hidden is hidden
    assert seen.account("nobody-of-that-name", mac.hear) is None


@pytest.mark.parametrize("said, indexing", [
    ("/:\n\tIndexing enabled. \n", True), ("/:\n\tIndexing disabled.\n", False),
    ("/:\n\tIndexing and searching disabled.\n", False), ("/:\n\tNo index.\n", None), (None, None),
])  # fmt: skip
def test_what_mdutil_says(said, indexing):
    assert seen.indexing(said) is indexing


LOG = "/Users/openclaw/Library/Logs/openclaw/gateway.log"


@pytest.mark.parametrize("line, renames", [
    (LOG + " openclaw:staff 640 7 1000 * J", True),
    ("/Users/*/Library/Logs/openclaw/*.log openclaw:staff 640 7 1000 * GJ", True),
    ("/Users/*/Library/Logs/openclaw/*.log 640 7 1000 * J", False),
    ("/var/log/*.log 640 7 1000 * G", False),
    ("# " + LOG + " 640 7 1000 * J", False),
    ("", False),
])  # fmt: skip
def test_lines_that_rename_a_log(line, renames):
    found = seen.renamers({"/etc/newsyslog.d/x.conf": "# head\n" + line + "\n"}, [LOG])
    assert found == ([{"path": "/etc/newsyslog.d/x.conf", "line": 2, "log": LOG}] if renames else [])


# ---- doing and proving


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self):
        self.now = 0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


LEFT = plan.Plan([plan.Change("power", "sleep", "1", "0")],
                 [plan.Deed("command", ("/usr/bin/pmset", "-a", "sleep", "0"))], [])  # fmt: skip
DONE = plan.Plan([], [], [])


def test_a_command_that_ends_with_0_and_did_nothing_is_named():
    clock = Clock()
    actor = act.Actor(lambda argv, patience: (0, "Warning: odd\n", ""), None, clock)
    actor.do(LEFT.deeds[0])
    with pytest.raises(Failure) as caught:
        actor.prove(lambda: LEFT)
    failure = caught.value
    assert (failure.code, failure.details) == ("not_proven", {"part": "power", "name": "sleep"})
    assert "sleep of power was to become 0 and is still 1: /usr/bin/pmset -a sleep 0 ended with 0" in failure.message
    assert "Warning: odd" in failure.message and clock.now >= act.SETTLED


def test_one_that_fails_and_did_it_all_the_same_is_fine():
    actor = act.Actor(lambda argv, patience: (1, "", "odd"), None, Clock())
    actor.do(LEFT.deeds[0])
    answers = [LEFT, DONE]
    actor.prove(lambda: answers.pop(0))
    assert (answers, actor.actions) == ([], ["/usr/bin/pmset -a sleep 0"])


def test_an_account_that_does_not_come_is_no_account():
    nobody = seen.Account("nobody-of-that-name", 600, 20, "/x", "/bin/zsh", "x")
    actor = act.Actor(lambda argv, patience: (0, "", ""), nobody, Clock())
    with pytest.raises(Failure) as caught:
        actor.do(plan.Deed("account", ("/usr/bin/dscl", ".", "-create", "/Users/x", "UniqueID", "600")))
    assert caught.value.code == "not_proven" and "ended with 0" in caught.value.message


def test_files_are_made_private_and_only_once(mac):
    actor = act.Actor(mac.hear, mac.who(), Clock())
    marker = str(mac.state / seen.MARKER)
    for _again in range(2):
        actor.do(plan.Deed("directory", (str(mac.home / "new"),)))
        actor.do(plan.Deed("marker", (marker,)))
    assert os.stat(marker).st_mode & 0o777 == 0o600
    assert (mac.home / "new").stat().st_mode & 0o777 == 0o700
    for _again in range(2):
        actor.do(plan.Deed("unmark", (marker,)))
    assert not os.path.exists(marker)
