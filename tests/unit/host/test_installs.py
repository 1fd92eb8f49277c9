# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every openclaw and node that somebody would start: who put it there, its version, and who starts another."""
import collections
import json
import os

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import installs

Account = collections.namedtuple("Account", "name uid gid home")
HEADER = "#define NODE_MAJOR_VERSION %s\n#define NODE_MINOR_VERSION %s\n#define NODE_PATCH_VERSION %s\n"
ENGINES = ">=24.16.0 <25 || >=26.1.0"


class Host:
    """Programs below a directory."""

    def __init__(self, root):
        self.root = root

    def path(self, name):
        return str(self.root / name)

    def program(self, name, text="#!/usr/bin/env node\n"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def link(self, name, target):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, str(path))
        return str(path)

    def node(self, prefix, version="24.21.0"):
        (self.root / prefix / "include/node").mkdir(parents=True)
        (self.root / prefix / "include/node/node_version.h").write_text(HEADER % tuple(version.split(".")))
        return self.program(prefix + "/bin/node", "")

    def openclaw(self, prefix, version="2026.9.6", engines=ENGINES):
        """A global npm package with its command; returns the package."""
        package = self.root / prefix / "lib/node_modules/openclaw"
        self.program(prefix + "/lib/node_modules/openclaw/openclaw.mjs")
        self.program(prefix + "/lib/node_modules/openclaw/dist/index.js")
        about = {"name": "openclaw", "version": version, "engines": {"node": engines}}
        (package / "package.json").write_text(json.dumps(about))
        self.link(prefix + "/bin/openclaw", "../lib/node_modules/openclaw/openclaw.mjs")
        return str(package)

    def person(self, who, *directories):
        home = self.root / "home" / who
        home.mkdir(parents=True)
        (home / ".zshenv").write_text("path=(%s)\n" % " ".join(directories))
        return installs.Person(who, Account(who, os.geteuid(), os.getegid(), str(home)), "/bin/zsh")

    def describe(self, service, *people):
        return installs.describe(service, list(people), self.path("opt/openclaw"))


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setattr(installs.shell_path, "_ZSH", ("~/.zshenv",))
    return Host(tmp_path)


@pytest.fixture
def release(host):
    """What openclaw_release installs: the job starts it through current."""
    host.node("opt/openclaw/node/24.21.0")
    host.openclaw("opt/openclaw/releases/2026.9.6")
    host.link("opt/openclaw/releases/2026.9.6/node", "../../node/24.21.0")
    host.link("opt/openclaw/current", "releases/2026.9.6")
    current = host.path("opt/openclaw/current")
    command = [current + "/node/bin/node", current + "/lib/node_modules/openclaw/dist/index.js", "gateway"]
    return installs.Service([current + "/node/bin", "/nowhere"], command)


def test_what_the_service_starts(host, release):
    found = host.describe(release, host.person("login", "/nowhere"))
    assert found["service"] == {
        "openclaw": host.path("opt/openclaw/releases/2026.9.6/lib/node_modules/openclaw"),
        "openclaw_version": "2026.9.6", "node": release.command[0], "node_version": "24.21.0", "engines": ENGINES,
        "engines_ok": True,
    }  # fmt: skip
    (node,), (openclaw,) = found["node"], found["openclaw"]
    assert (node["via"], node["seen_by"], node["version"]) == ("release", ["service", "gateway"], "24.21.0")
    assert node["real"] == host.path("opt/openclaw/node/24.21.0/bin/node")
    assert (openclaw["via"], openclaw["seen_by"]) == ("release", ["gateway"])
    assert (found["versions"], found["node_versions"], found["skew"]) == (["2026.9.6"], ["24.21.0"], False)
    assert found["cli"] == {"openclaw": None, "version": None} and found["unreadable"] == []
    assert found["path"]["service"] == ":".join(release.path)


def test_an_operator_who_types_another_openclaw_is_skew(host, release):
    host.openclaw("opt/homebrew", "2026.7.1")
    login = host.person("login", host.path("usr/local/bin"))
    admin = host.person("operator:admin", host.path("opt/homebrew/bin"))
    found = host.describe(release, login, admin)
    assert found["skew"] is True and found["versions"] == ["2026.7.1", "2026.9.6"]
    assert found["cli"] == {"openclaw": host.path("opt/homebrew/bin/openclaw"), "version": "2026.7.1"}
    entry = next(item for item in found["openclaw"] if item["version"] == "2026.7.1")
    assert (entry["via"], entry["seen_by"]) == ("npm", ["operator:admin"])


def test_the_wrapper_is_the_openclaw_of_the_service(host, release):
    package = host.path("opt/openclaw/current/lib/node_modules/openclaw")
    host.program("opt/openclaw/bin/openclaw", "#!/bin/sh\nexec /n/bin/node %s/openclaw.mjs \"$@\"\n" % package)
    found = host.describe(release, host.person("login", host.path("opt/openclaw/bin")))
    assert found["skew"] is False and found["cli"]["version"] == "2026.9.6"


def test_a_node_that_openclaw_does_not_take(host):
    command = [host.node("n", "22.22.3"), host.openclaw("o") + "/dist/index.js"]
    assert host.describe(installs.Service([], command))["service"]["engines_ok"] is False


def test_a_node_that_is_gone(host):
    """The Gateway that runs does not need it any more, and the next one cannot start."""
    command = [host.path("opt/openclaw/current/node/bin/node"), host.openclaw("o") + "/dist/index.js"]
    found = host.describe(installs.Service([], command))["service"]
    assert (found["engines_ok"], found["node_version"]) == (False, None)


@pytest.mark.parametrize("version,engines,expected", [
    ("2026.9.6", None, True), ("not a version", None, None), ("2026.9.6", "latest please", None), (None, ">=24", True),
])  # fmt: skip
def test_a_package_that_does_not_say_which_node_it_takes(host, version, engines, expected):
    package = host.openclaw("o", version, engines)
    found = host.describe(installs.Service([], [host.node("n"), package + "/dist/index.js"]))
    assert found["service"]["engines_ok"] is expected


MANAGED = [
    ("opt/homebrew/Cellar/node@24/24.5.0_1/bin/node", "brew", "24.5.0"),
    ("Users/a/.nvm/versions/node/v22.1.0/bin/node", "nvm", "22.1.0"),
    ("Users/a/.volta/tools/image/node/20.2.0/bin/node", "volta", "20.2.0"),
    ("Users/a/.local/share/fnm/node-versions/v22.3.0/installation/bin/node", "fnm", "22.3.0"),
    ("Users/a/.asdf/installs/nodejs/18.0.0/bin/node", "asdf", "18.0.0"),
    ("Applications/OpenClaw.app/Contents/Resources/node", "app", None),
    ("usr/local/bin/node", "other", None),
]


@pytest.mark.parametrize("name,via,version", MANAGED)
def test_who_put_a_node_there(host, name, via, version):
    path = host.program(name, "")
    found = host.describe(installs.Service([os.path.dirname(path)], []))
    assert [(item["via"], item["version"]) for item in found["node"]] == [(via, version)]


def test_every_one_on_a_path_is_told_and_the_first_is_typed(host):
    host.openclaw("a", "2026.9.6")
    host.openclaw("b", "2026.6.1")
    login = host.person("login", host.path("a/bin"), host.path("b/bin"))
    found = host.describe(installs.Service(None, None), login)
    assert found["cli"]["version"] == "2026.9.6" and found["versions"] == ["2026.6.1", "2026.9.6"]
    assert found["skew"] is None and found["path"]["service"] is None
    assert found["service"]["openclaw"] is None and found["service"]["engines_ok"] is None


def test_what_is_no_program_is_left_out(host):
    (host.root / "d/node").mkdir(parents=True)
    host.link("e/node", "gone")
    (host.root / "f").mkdir()
    (host.root / "f/openclaw").write_text("not executable")
    paths = [host.path(name) for name in "def"]
    found = host.describe(installs.Service(paths, []))
    assert found["node"] == found["openclaw"] == []


def test_a_program_that_is_no_package_has_no_version_and_tells_no_skew(host, release):
    host.program("x/bin/openclaw", "#!/bin/sh\nexec something\n")
    found = host.describe(release, host.person("login", host.path("x/bin")))
    assert found["cli"]["version"] is None and found["skew"] is None


def test_the_env_file_of_openclaws_own_job_has_its_path(host):
    me = Account("me", os.geteuid(), os.getegid(), host.path("home"))
    (host.root / "service-env").mkdir()
    (host.root / "service-env/x.env").write_text("# Generated by OpenClaw.\nexport PATH='/n/bin:/usr/bin'\n")
    command = ["/bin/sh", host.path("service-env/x-env-wrapper.sh"), host.path("service-env/x.env"), "/n/bin/node"]
    assert installs.service({}, command, me).path == ["/n/bin", "/usr/bin"]
    assert installs.service({}, ["/n/bin/node"], me).path == ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    assert installs.service({"PATH": "/only"}, command, me).path == ["/only"]
    os.unlink(host.path("service-env/x.env"))
    assert installs.service({}, command, me).path is None


@pytest.mark.skipif(os.geteuid() != 0, reason="takes another account's eyes, which takes root")
def test_start_files_that_may_not_be_read_make_the_path_unknown(host, release, as_nobody):
    person = host.person("login", "/nowhere")
    os.chmod(os.path.join(person.account.home, ".zshenv"), 0o600)
    with as_nobody():
        found = host.describe(release, person)
    assert found["path"]["login"] is None and found["skew"] is None
    assert found["unreadable"] == [os.path.join(person.account.home, ".zshenv")]
