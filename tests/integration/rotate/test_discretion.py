# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted tokens, searched for in everything that a rotation leaves or shows: they are where they were declared."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rotate_kit import ROOT
from starting import STATE, VARIABLE

#: What the planted tokens of one source begin with. Each has its own: a Gateway that got its token as a variable has
#: handed it on to processes that live as long as itself, and it is not restarted when its token moves elsewhere.
MARK = "canary-%s-"
#: Looks at every process of the host, with its arguments and environment, as root sees them.
WATCH = (
    "while ! [ -e /private/tmp/.watched ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | "
    "tr '\\0' '\\n' | grep -a '[c]anary-%s-'; sleep 0.05; done | sort -u; rm /private/tmp/.watched"
)
#: Whatever is on the disk of the host, and could hold it.
SEARCH = "grep -rlaF -e canary-%s- /Users /Library /private /etc /tmp /var 2>/dev/null | sort -u; true"


@pytest.fixture
def watched(mini, source):
    """Watches the processes of the host; returns what was seen when called."""
    seen = []
    watcher = threading.Thread(target=lambda: seen.append(mini.sh(WATCH % source)))
    watcher.start()

    def told():
        mini.sh("touch /private/tmp/.watched")
        watcher.join()
        return seen[0]

    yield told
    if watcher.is_alive():
        told()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Has Ansible keep what a controller may keep; returns where: a cache of facts, a log, and what is temporary."""
    places = {name: tmp_path / name for name in ("facts", "log", "local")}
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN", "jsonfile")
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN_CONNECTION", str(places["facts"]))
    monkeypatch.setenv("ANSIBLE_LOG_PATH", str(places["log"]))
    monkeypatch.setenv("ANSIBLE_LOCAL_TEMP", str(places["local"]))
    return places


def vault(mini, tmp_path, token):
    """The inventory that brings a token."""
    path = tmp_path / "vault.json"
    path.write_text(json.dumps({"minis": {"hosts": {mini.name: {"gateway_token": token}}}}))
    return "--inventory=%s" % path


def run(mini, tmp_path, token, **variables):
    """Rotate to a token that an inventory brings, as a vault would; returns all that Ansible says."""
    words = (vault(mini, tmp_path, token), "-vvvv", "--diff")
    return mini.lab.playbook("rotate_token", *words, target=mini.name, **variables)


def gather(mini, tmp_path, token):
    """Gather the facts of the host, as another play of a fleet would; returns all that Ansible says."""
    argv = [str(Path(sys.executable).with_name("ansible")), mini.name, "--inventory=" + mini.lab.inventory,
            vault(mini, tmp_path, token), "--module-name=ansible.builtin.setup", "--become", "-vvvv"]  # fmt: skip
    environment = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), LC_ALL="C.UTF-8")
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def texts(place):
    """What a file says, or all files below a directory do: path -> text."""
    paths = place.rglob("*") if place.is_dir() else [place]
    return {str(path): path.read_text(errors="replace") for path in paths if path.is_file()}


@pytest.mark.sampled("source", 2)
@pytest.mark.parametrize("source", ["config", "file", "env", "exec"])
def test_a_rotation_shows_and_leaves_its_tokens_nowhere_else(mini, tmp_path, watched, kept, source):
    old, following, last = (MARK % source + name + "-0123456789abcdef" for name in ("old", "next", "last"))
    # The rotations find a cache that holds the host's facts.
    gathered = gather(mini, tmp_path, old)
    said = [run(mini, tmp_path, old, gateway_token_source=source, rotate_old_copies="purge")]
    said.append(run(mini, tmp_path, following, gateway_token_source=source, rotate_old_copies="purge"))
    # One that fails when everything else is done.
    nowhere = [{"path": "/Users/openclaw/nowhere/token"}]
    said.append(run(mini, tmp_path, last, gateway_token_source=source, rotate_deliver_to=nowhere))
    assert [one.rc for one in said] == [0, 0, 2], said[-1].out
    gathered += gather(mini, tmp_path, last)
    assert MARK % source not in "".join(one.out for one in said) + gathered
    on_controller = {name: texts(place) for name, place in kept.items() if place.exists()}
    # What is not kept would be searched in vain.
    assert any(path.endswith(mini.name) and "ansible_hostname" in text for path, text in on_controller["facts"].items())
    assert on_controller["log"][str(kept["log"])].count("openclaw_token") >= len(said)
    assert [path for found in on_controller.values() for path, text in found.items() if MARK % source in text] == []
    in_processes = watched()
    holder = {
        "config": STATE + "/openclaw.json", "file": STATE + "/secrets/gateway.json", "env": STATE + "/.env",
        "exec": None,
    }[source]  # fmt: skip
    found = [path for path in mini.sh(SEARCH % source).split() if not path.endswith(".last-good")]
    assert found == ([holder] if holder else [])
    # OpenClaw hands the variables of .env on to the processes that it starts.
    handed_on = {"%s=%s" % (VARIABLE, token) for token in (old, following, last)} if source == "env" else set()
    assert set(in_processes.split()) <= handed_on, in_processes
    assert MARK % source not in mini.lab("log", mini.name)
    mini.token()
