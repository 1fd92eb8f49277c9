# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a full enumeration costs on a host that people have lived on: little beside the start of any module.

Stated as ratios to what the same machine takes for something else in the same minute. On a quiet machine of 2026 the
start of a module is some 100 to 200 ms and the enumeration some 10 to 30.
"""
import json
import plistlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TARGET_PYTHON = ROOT / "build/venv/target/bin/python"
PYTHON = str(TARGET_PYTHON if TARGET_PYTHON.exists() else sys.executable)
LABEL = "ai.openclaw.gateway"
NAME = "OPENCLAW_GATEWAY_TOKEN"
ATTEMPTS = 7

#: Runs in the target's Python: looks the host over several times, prints how long the shortest look took, in seconds.
LOOKING = """
import collections, json, os, sys, time
home, attempts = sys.argv[1], int(sys.argv[2])
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import places, survey
Account = collections.namedtuple("Account", "name uid gid home")
places.SYSTEM_FILES = tuple(os.path.join(home, "etc", name) for name in ("zshenv", "zshrc"))
place = survey.Places(
    Account("me", os.geteuid(), os.getegid(), home), home + "/.openclaw", "ai.openclaw.gateway", home + "/daemons",
    home + "/agents", home + "/launchctl", users_dir=home + "/users", global_agents_dir=home + "/global")
took = []
for _attempt in range(attempts):
    began = time.perf_counter()
    found = survey.everything(place)
    took.append(time.perf_counter() - began)
print(json.dumps([min(took), [source.kind for source in found.sources], found.unreadable]))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """What Ansible would send along, as an import path."""
    import ansible

    path = tmp_path_factory.mktemp("library")
    (path / "ansible").mkdir()
    (path / "ansible/__init__.py").touch()
    (path / "ansible/module_utils").symlink_to(Path(ansible.__file__).parent / "module_utils")
    (path / "ansible_collections/clawops").mkdir(parents=True)
    (path / "ansible_collections/clawops/openclaw").symlink_to(ROOT)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A host with ten start files of an eager person, sixty jobs of other vendors, and OpenClaw's own leftovers."""
    path = tmp_path_factory.mktemp("home")
    for name in (".openclaw/service-env", ".openclaw-work", "daemons", "agents", "global", "users", "etc"):
        (path / name).mkdir(parents=True)
    lines = "".join(
        "alias a%d='ls -l \"$HOME\"' # the %dth\n[ -d /x/%d ] && PATH=\"/x/%d:$PATH\"\n" % (n, n, n, n)
        for n in range(250)
    )
    start_files = [".zshenv", ".zprofile", ".zshrc", ".zlogin", ".profile", ".bash_profile", ".bash_login", ".bashrc",
                   "etc/zshenv", "etc/zshrc"]  # fmt: skip
    for name in start_files:
        (path / name).write_text(lines + "export %s=planted-in-%s\n" % (NAME, name) + lines)
    for number in range(60):
        job = {"Label": "com.vendor.%d" % number, "ProgramArguments": ["/bin/x", "y"], "RunAtLoad": True}
        fmt = plistlib.FMT_BINARY if number % 2 else plistlib.FMT_XML
        (path / ("daemons", "agents", "global")[number % 3] / ("%d.plist" % number)).write_bytes(
            plistlib.dumps(job, fmt=fmt)
        )
    job = {"Label": LABEL, "ProgramArguments": ["openclaw", "gateway"], "EnvironmentVariables": {NAME: "planted"}}
    (path / "daemons/ours.plist").write_bytes(plistlib.dumps(job))
    config = {"gateway": {"mode": "local", "port": 18789, "auth": {"mode": "token", "token": "planted-in-config"}},
              "skills": {"entries": {"skill-%d" % n: {"enabled": False} for n in range(28)}}}  # fmt: skip
    for name in ("", ".bak", ".bak.1", ".bak.2", ".bak.3", ".bak.4", ".last-good", ".clobbered.1", ".clobbered.2"):
        (path / (".openclaw/openclaw.json" + name)).write_text(json.dumps(config, indent=2))
    (path / ".openclaw-work/openclaw.json").write_text(json.dumps(config))
    (path / ".openclaw/.env").write_text("A=1\n%s=planted\n" % NAME)
    return path


def launchctl(home, before=""):
    """launchctl as the small program that it is on a Mac."""
    path = home / "launchctl"
    path.write_text("#!/bin/sh\n%scase $1 in getenv) echo planted;; *) exit 113;; esac\n" % before)
    path.chmod(0o755)


def looked(library, home, attempts=ATTEMPTS):
    done = subprocess.run([PYTHON, "-c", LOOKING, str(home), str(attempts)], env={"PYTHONPATH": str(library)},
                          capture_output=True, text=True, check=True, timeout=120)  # fmt: skip
    seconds, kinds, unreadable = json.loads(done.stdout)
    return seconds, kinds, unreadable


def started(library):
    """Seconds until a Python of the target has Ansible's part of a module at hand: what any module takes."""
    began = time.perf_counter()
    subprocess.run([PYTHON, "-c", "import ansible.module_utils.basic"], env={"PYTHONPATH": str(library)}, check=True,
                   timeout=120)  # fmt: skip
    return time.perf_counter() - began


def test_an_enumeration_costs_less_than_the_start_of_a_module(library, home):
    launchctl(home)
    start = look = float("inf")
    # In turns, so that what else the machine does weighs on both; the shortest of each is the least disturbed.
    for _turn in range(3):
        start = min(start, started(library), started(library))
        seconds, kinds, unreadable = looked(library, home)
        look = min(look, seconds)
    print("an enumeration: %.1f ms; the start of a module: %.1f ms" % (look * 1000, start * 1000))
    assert unreadable == []
    assert kinds.count("shell") == 10 and kinds.count("config_copy") == 8
    assert {"config", "dotenv", "plist_environment", "launchctl", "other_config"} <= set(kinds)
    assert 3 * look < start


def test_launchd_is_asked_everything_at_once(library, home):
    """An answer that takes a second is waited for once, not once for each of the five questions."""
    launchctl(home, "sleep 1\n")
    began = time.perf_counter()
    subprocess.run([str(home / "launchctl"), "getenv", NAME], check=True, stdout=subprocess.DEVNULL)
    one = time.perf_counter() - began
    seconds, kinds, unreadable = looked(library, home, attempts=1)
    assert unreadable == [] and "launchctl" in kinds
    assert seconds < 2.5 * one
