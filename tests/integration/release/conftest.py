# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module run as Ansible runs it, against a mirror on the loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from release_mirror import Mirror, fake_archive

ROOT = Path(__file__).resolve().parents[3]
#: What modules run with: macOS has 3.9, and the bootstrap makes an environment of it where the machine has one.
TARGET = ROOT / "build/venv/target/bin/python"
TARGET_PYTHON = str(TARGET if TARGET.exists() else sys.executable)


@pytest.fixture
def mirror():
    made = Mirror()
    made.node("24.21.0", fake_archive("24.21.0"))
    made.openclaw("2026.8.1", ">=24.15.0 <25")
    made.openclaw("2026.9.6", ">=24.16.0 <25 || >=26.1.0")
    yield made
    made.close()


@pytest.fixture
def declared(mirror, tmp_path):
    def declare(**changes):
        return dict(
            {
                "root": str(tmp_path / "openclaw"),
                "version": "2026.9.6",
                "node_version": "24.21.0",
                "node_url": mirror.url + "/dist/v{version}/node-v{version}-darwin-{arch}.tar.gz",
                "npm_registry": mirror.url + "/npm/",
                "timeout": 60,
            },
            **changes,
        )

    return declare


@pytest.fixture(scope="session")
def collections(tmp_path_factory):
    """A collections path in which this clone lies under its real name."""
    top = tmp_path_factory.mktemp("collections")
    (top / "ansible_collections/clawops").mkdir(parents=True)
    (top / "ansible_collections/clawops/openclaw").symlink_to(ROOT)
    return top


@pytest.fixture
def release(collections, tmp_path):
    """Run openclaw_release through Ansible against this machine; returns what the module returned."""

    def run(declaration, check_mode=False):
        (tmp_path / "ansible.cfg").write_text("[defaults]\n")
        environment = dict(
            os.environ,
            ANSIBLE_CONFIG=str(tmp_path / "ansible.cfg"),
            ANSIBLE_COLLECTIONS_PATH=str(collections),
            # Below this verbosity Ansible keeps the diff to itself.
            ANSIBLE_VERBOSITY="3",
            ANSIBLE_LOCALHOST_WARNING="0",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="0",
            ANSIBLE_LOAD_CALLBACK_PLUGINS="1",
            ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal",
            ANSIBLE_PYTHON_INTERPRETER=TARGET_PYTHON,
        )
        argv = [sys.executable, "-m", "ansible", "adhoc", "localhost", "-c", "local", "--tree", str(tmp_path / "tree")]
        argv += ["-m", "clawops.openclaw.openclaw_release", "-a", json.dumps(declaration), "--diff"]
        done = subprocess.run(
            argv + ["--check"] * check_mode, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        result = tmp_path / "tree/localhost"
        assert result.is_file(), done.stdout + done.stderr
        answer = json.loads(result.read_text())
        result.unlink()
        assert "Traceback" not in done.stdout + done.stderr
        return answer

    return run


@pytest.fixture
def driver(collections):
    """Start the module's work in a process of its own, without Ansible around it; returns the process."""

    def start(declaration, check_mode=False):
        program = (
            "import json, sys\n"
            "from ansible_collections.clawops.openclaw.plugins.module_utils import _failure\n"
            "from ansible_collections.clawops.openclaw.plugins.module_utils._release import apply\n"
            "try:\n"
            "    print(json.dumps(apply.present(json.loads(sys.argv[1]), bool(sys.argv[2:]))))\n"
            "except _failure.Failure as failure:\n"
            "    print(json.dumps({'msg': failure.sentence(), 'failure': failure.as_dict()}))\n"
        )
        complete = dict({"install": "npm", "node_sha256": None, "machine": "arm64"}, **declaration)
        return subprocess.Popen(
            [TARGET_PYTHON, "-c", program, json.dumps(complete)] + ["check"] * check_mode,
            env=dict(os.environ, PYTHONPATH=str(collections)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
