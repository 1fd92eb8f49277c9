# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback point: what belongs to it, that it comes back byte for byte, and that damage is noticed."""
import collections
import json
import os
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot import places, task
from ansible_collections.clawops.openclaw.plugins.module_utils._snapshot.store import Store

LABEL = "ai.openclaw.gateway"
CANARY = "canary-0123456789abcdefghij-0123"
Account = collections.namedtuple("Account", "name uid gid home")


class Launchd:
    """launchctl with the jobs that it has; notes what it is told."""

    def __init__(self):
        self.loaded, self.disabled, self.told = {"system/" + LABEL}, {}, []

    def run(self, argv, timeout):
        verb, words = argv[1], argv[2:]
        if verb == "print":
            if words[0].startswith("gui/") and words[0].count("/") == 2:
                return 112, "", "Bad request.\nCould not find domain for user gui: 502\n"
            if words[0] not in self.loaded:
                return 113, "", 'Bad request.\nCould not find service "x" in domain for system\n'
            domain = words[0].rpartition("/")[0]
            return 0, "%s = {\n\tstate = running\n\tdomain = %s\n\tpid = %d\n\truns = 1\n}\n" % (
                words[0], domain, 100 + len(self.told)), ""
        if verb == "print-disabled":
            pairs = ['\t"%s" => %s\n' % (name, "disabled") for name in self.disabled.get(words[0], ())]
            return 0, "disabled services = {\n%s}\n" % "".join(pairs), ""
        self.told.append(" ".join([verb, *words]))
        domain, _slash, label = words[0].rpartition("/")
        if verb == "bootout":
            self.loaded.discard(words[0])
        elif verb == "bootstrap":
            with open(words[1], "rb") as stream:
                self.loaded.add("%s/%s" % (words[0], plistlib.load(stream)["Label"]))
        elif verb in ("enable", "disable"):
            labels = self.disabled.setdefault(domain, set())
            (labels.add if verb == "disable" else labels.discard)(label)
        return 0, "", ""


class Host:
    """A state directory, a release and a job below a temporary directory."""

    def __init__(self, root):
        self.root, self.launchd = root, Launchd()
        self.home, self.state = root / "home", root / "home/.openclaw"
        self.plist = root / "LaunchDaemons" / (LABEL + ".plist")
        for path in (self.state / "secrets", root / "opt/releases/2026.9.6", root / "LaunchDaemons", root / "agents",
                     root / "LaunchAgents"):  # fmt: skip
            path.mkdir(parents=True)
        self.state.chmod(0o700)
        gateway = {"auth": {"token": CANARY}, "bind": "loopback"}
        self.write(self.state / "openclaw.json", json.dumps({"gateway": gateway}))
        self.write(self.state / "secrets/key", CANARY)
        self.write(self.plist, plistlib.dumps({"Label": LABEL, "ProgramArguments": ["/o", "gateway"]}), 0o644)
        (root / "opt/current").symlink_to("releases/2026.9.6")
        account = Account("openclaw", os.geteuid(), os.getegid(), str(self.home))
        self.site = places.Site(account, str(self.state), str(root / "opt"), LABEL, str(root / "LaunchDaemons"),
                                str(root / "agents"))  # fmt: skip
        self.store = Store(str(root / "snapshots"))
        self.now = 1795300000

    @staticmethod
    def write(path, data, mode=0o600):
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        path.chmod(mode)

    def task(self, check_mode=False):
        def clock():
            self.now += 1
            return self.now

        return task.Task(self.site, self.store, Launchctl("/l", self.launchd.run), check_mode, clock)

    def take(self, **more):
        return task.take(self.task(**more), "a test", 3)

    def restore(self, name=None, **more):
        return task.restore(self.task(**more), name or self.store.names()[0], 3)

    def tree(self):
        """Everything but the snapshots: path -> kind, mode, content."""
        found = {}
        for directory, names, files in os.walk(str(self.root)):
            names[:] = [name for name in names if name != "snapshots"]
            for name in names + files:
                path = os.path.join(directory, name)
                content = os.readlink(path) if os.path.islink(path) else None
                if content is None and os.path.isfile(path):
                    with open(path, "rb") as stream:
                        content = stream.read()
                found[path] = (os.lstat(path).st_mode, content)
        return found


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_the_same_state_is_kept_once(host):
    first = host.take()
    assert first["changed"] is True and first["snapshot"]["openclaw_version"] == "2026.9.6"
    again = host.take()
    assert again["changed"] is False and again["snapshot"]["name"] == first["snapshot"]["name"]
    assert [one["name"] for one in task.listing(host.store)] == [first["snapshot"]["name"]]


def test_nothing_is_said_of_a_secret(host):
    assert CANARY not in json.dumps([host.take(), task.listing(host.store)])


def test_only_root_can_look_into_it(host):
    host.take()
    for directory, _names, files in os.walk(host.store.directory):
        assert os.stat(directory).st_mode & 0o777 == 0o700
        assert {os.stat(os.path.join(directory, name)).st_mode & 0o777 for name in files} <= {0o600}


def test_check_mode_takes_nothing(host):
    told = host.take(check_mode=True)
    assert told["changed"] is True and not os.path.exists(host.store.directory)


def damage_config(host):
    host.write(host.state / "openclaw.json", '{"gateway": {"auth": {"token": "x"}, "bind": "loopback"}}')


def damage_modes(host):
    (host.state / "openclaw.json").chmod(0o644)
    host.state.chmod(0o755)
    (host.state / "secrets/key").chmod(0o666)


def damage_service(host):
    host.write(host.plist, plistlib.dumps({"Label": LABEL, "ProgramArguments": ["/else"]}), 0o644)


def damage_release(host):
    (host.root / "opt/current").unlink()
    (host.root / "opt/current").symlink_to("releases/2026.7.1")


def remove_things(host):
    host.plist.unlink()
    (host.state / "openclaw.json").unlink()
    host.launchd.loaded.clear()


def add_things(host):
    host.write(host.state / ".env", "OPENCLAW_GATEWAY_TOKEN=x")
    host.write(host.root / "agents" / (LABEL + ".plist"), plistlib.dumps({"Label": LABEL}), 0o644)


def disable(host):
    host.launchd.disabled["system"] = {LABEL}


RESTART = "kickstart -k system/" + LABEL
OUT, IN = "bootout system/" + LABEL, "bootstrap system {plist}"
DAMAGES = [
    (damage_config, []), (damage_modes, []), (damage_service, [OUT, IN]), (damage_release, [RESTART]),
    (remove_things, [IN]), (add_things, [RESTART]), (disable, ["enable system/" + LABEL]),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "actions"), DAMAGES, ids=[damage.__name__ for damage, _actions in DAMAGES])
def test_everything_comes_back(host, damage, actions):
    host.take()
    before, loaded = host.tree(), set(host.launchd.loaded)
    damage(host)
    foretold = host.restore(check_mode=True)
    assert host.launchd.told == []
    told = host.restore()
    assert {key: told[key] for key in told if key != "diff"} == {key: foretold[key] for key in told if key != "diff"}
    assert told["diff"] == foretold["diff"]
    assert host.tree() == before
    assert host.launchd.loaded == loaded and not any(host.launchd.disabled.values())
    assert host.launchd.told == told["actions"] == [line.format(plist=host.plist) for line in actions]
    assert told["restarts"] == (1 if RESTART in actions or IN in actions else 0)
    assert CANARY not in json.dumps(told)
    again = host.restore()
    assert again["changed"] is False and again["changes"] == [] and again["actions"] == []


def test_what_was_replaced_comes_back_as_well(host):
    name = host.take()["snapshot"]["name"]
    for number in range(5):
        host.write(host.state / "openclaw.json", '{"n": %d}' % number)
        damaged = host.tree()
        host.restore(name)
    # However many there were in between, the one to go back to stayed.
    assert len(host.store.names()) == 4 and name in host.store.names()
    host.restore(host.store.names()[-1])
    assert host.tree() == damaged


def test_what_was_replaced_is_not_kept_twice(host):
    name = host.take()["snapshot"]["name"]
    host.write(host.state / "openclaw.json", "{}")
    host.take()
    kept = host.store.names()
    assert host.restore(name)["changed"] is True
    assert host.store.names() == kept


def test_a_config_change_that_needs_a_start_gets_one(host):
    host.write(host.state / "openclaw.json", '{"gateway": {"reload": {"mode": "off"}, "port": 18789}}')
    host.take()
    host.write(host.state / "openclaw.json", '{"gateway": {"reload": {"mode": "off"}, "port": 18790}}')
    assert host.restore()["actions"] == [RESTART]


def test_damage_is_noticed_before_anything_is_changed(host):
    name = host.take()["snapshot"]["name"]
    objects = host.root / "snapshots/objects"
    broken = next(path for path in objects.iterdir() if CANARY.encode() in path.read_bytes())
    broken.write_bytes(b"x")
    damage_modes(host)
    before = host.tree()
    for refused in (lambda: host.restore(name), lambda: task.verify(host.task(), None)):
        with pytest.raises(Failure) as caught:
            refused()
        assert caught.value.code == "snapshot_damaged"
    assert host.tree() == before


CHANGES = {
    "another mode": lambda text: text.replace("384", "438"),
    "cut off": lambda text: text[:100],
    "no manifest": lambda text: "[]",
    "of the future": lambda text: text.replace('"schema": 1', '"schema": 2'),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_manifest_that_was_changed_is_not_used(host, change):
    name = host.take()["snapshot"]["name"]
    path = host.root / "snapshots" / (name + ".json")
    path.write_text(change(path.read_text()))
    with pytest.raises(Failure) as caught:
        host.restore(name)
    assert caught.value.code == "snapshot_damaged"
    assert task.listing(host.store)[0]["problem"]


def test_a_damaged_newest_one_keeps_nobody_from_taking_the_next(host):
    host.take()
    name = host.store.names()[-1]
    (host.root / "snapshots" / (name + ".json")).write_text("{}")
    taken = host.take()
    assert taken["changed"] is True and host.store.names() == [name, taken["snapshot"]["name"]]


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"x"), lambda path: path.unlink()],
                         ids=["another content", "gone"])  # fmt: skip
def test_a_damaged_content_is_kept_anew(host, damage):
    first = host.take()["snapshot"]["name"]
    for path in (host.root / "snapshots/objects").iterdir():
        damage(path)
    assert host.take()["changed"] is True
    newest = host.store.names()[-1]
    host.store.verify(host.store.load(newest))
    assert newest != first and host.take()["changed"] is False


def test_what_is_replaced_is_kept_where_the_newest_one_is_damaged(host):
    name = host.take()["snapshot"]["name"]
    host.write(host.state / "openclaw.json", '{"n": 1}')
    damaged = host.take()["snapshot"]["name"]
    (host.root / "snapshots" / (damaged + ".json")).write_text("{}")
    before = host.tree()
    host.restore(name)
    newest = host.store.names()[-1]
    assert newest not in (name, damaged)
    host.restore(newest)
    assert host.tree() == before


def test_the_newest_are_kept_and_no_content_that_nobody_needs(host):
    for number in range(5):
        host.write(host.state / "openclaw.json", '{"n": %d}' % number)
        host.take()
    names = [one["name"] for one in task.listing(host.store)]
    assert len(names) == 3 and names == sorted(names)
    needed = {entry.digest for name in names for entry in host.store.load(name).entries if entry.digest}
    assert {"sha256:" + path.name for path in (host.root / "snapshots/objects").iterdir()} == needed
    assert task.remove(host.task(), names[0])["changed"] is True
    assert task.remove(host.task(), None)["changed"] is True
    assert task.remove(host.task(), None)["changed"] is False
    assert list((host.root / "snapshots/objects").iterdir()) == []


def test_what_a_killed_run_left_is_taken_away(host):
    host.take()
    (host.root / "snapshots/objects/.abc.ansible-x.tmp").write_text("x")
    (host.root / "snapshots/.n.json.ansible-x.tmp").write_text("x")
    (host.root / "snapshots/objects" / ("0" * 64)).write_text("x")
    damage_config(host)
    host.take()
    assert [path for path in (host.root / "snapshots").rglob("*") if path.name.endswith(".tmp")] == []
    task.verify(host.task(), None)


def test_snapshots_that_others_could_have_changed_are_not_used(host):
    host.take()
    (host.root / "snapshots").chmod(0o770)
    with pytest.raises(Failure) as caught:
        host.restore()
    assert caught.value.code == "snapshots_not_private"


def test_one_of_another_gateway_is_refused(host):
    host.take()
    host.site = host.site._replace(label="ai.openclaw.second")
    with pytest.raises(Failure) as caught:
        host.restore()
    assert caught.value.code == "snapshot_of_another"


def test_there_is_none(host):
    with pytest.raises(Failure) as caught:
        task.restore(host.task(), None, 3)
    assert caught.value.code == "snapshot_missing"


# ------------------------------------------------------------------------------------- an account that means no good
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="acting as another account takes root")
THEIRS = 65534


@pytest.fixture
def theirs(host):
    """The host with all that is the account's in the hands of another account, and a file that is only root's."""
    above = host.home.parent
    while above != above.parent and str(above) != "/tmp":
        above.chmod(above.stat().st_mode | 0o055)
        above = above.parent
    for path in [host.home, *host.home.rglob("*"), host.root / "agents"]:
        os.chown(str(path), THEIRS, THEIRS, follow_symlinks=False)
    host.site = host.site._replace(account=Account("nobody", THEIRS, THEIRS, str(host.home)))
    private = host.root / "private"
    private.mkdir()
    host.write(private / "key", "only root's")
    return host


def turn(host):
    """Put a link to the directory of root's in the place of one of the account's own."""
    (host.state / "secrets/key").unlink()
    (host.state / "secrets").rmdir()
    (host.state / "secrets").symlink_to(host.root / "private")


@ROOT_ONLY
def test_it_comes_back_as_theirs(theirs):
    theirs.take()
    before = theirs.tree()
    damage_config(theirs)
    os.chown(str(theirs.state / "openclaw.json"), 0, 0)
    (theirs.state / "secrets/key").unlink()
    theirs.restore()
    assert theirs.tree() == before
    assert {path.stat().st_uid for path in theirs.state.rglob("*")} == {THEIRS}


@ROOT_ONLY
def test_no_file_of_roots_is_read_for_them(theirs):
    (theirs.state / "secrets/key").unlink()
    os.symlink(str(theirs.root / "private/key"), str(theirs.state / "secrets/key"))
    named = {"source": "file", "path": str(theirs.root / "private/key")}
    theirs.write(theirs.state / "openclaw.json", json.dumps({"secrets": {"providers": {"x": named}}}))
    os.chown(str(theirs.state / "openclaw.json"), THEIRS, THEIRS)
    theirs.take()
    turn(theirs)
    with pytest.raises(Failure):
        theirs.take()
    objects = [path.read_text() for path in (theirs.root / "snapshots/objects").iterdir()]
    assert "only root's" not in objects


@ROOT_ONLY
def test_no_file_of_roots_is_written_for_them(theirs):
    theirs.take()
    turn(theirs)
    private = theirs.root / "private"
    before = private.stat().st_mode, (private / "key").read_text(), (private / "key").stat().st_uid
    with pytest.raises(Failure):
        theirs.restore()
    assert before == (private.stat().st_mode, (private / "key").read_text(), (private / "key").stat().st_uid)
    assert [path.name for path in private.iterdir()] == ["key"]
