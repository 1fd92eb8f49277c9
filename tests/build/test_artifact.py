# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact that users get: it builds, installs where nothing is, and shows what it holds."""
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("openclaw_*.py"))
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
ROLES = sorted(path.name for path in (ROOT / "roles").glob("[a-z]*") if (path / "meta/argument_specs.yml").exists())
#: First parts of what may be in the artifact: what a user needs, and nothing of how it is made.
SHIPPED = {
    "CHANGELOG.md", "COPYING", "FILES.json", "LICENSES", "MANIFEST.json", "README.md", "changelogs", "docs", "meta",
    "playbooks", "plugins", "roles",
}  # fmt: skip


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """An environment in which Ansible has never run."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def ansible(home):
    """Runs a command of Ansible there; returns its standard output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "OPENCLAW_"))}
    env = dict(kept, HOME=str(home), ANSIBLE_COLLECTIONS_PATH=str(home / "collections"), LC_ALL="C.UTF-8")

    def run(command, *arguments):
        done = subprocess.run(
            [str(BIN / command), *map(str, arguments)], cwd=str(home), env=env, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def artifact(ansible, home):
    ansible("ansible-galaxy", "collection", "build", ROOT, "--output-path", home / "dist")
    (built,) = (home / "dist").glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(ansible, artifact, home):
    ansible("ansible-galaxy", "collection", "install", "--offline", "-p", home / "collections", artifact)
    return home / "collections/ansible_collections/clawops/openclaw"


def test_artifact_holds_what_users_need_and_no_more(artifact):
    with tarfile.open(artifact) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} == SHIPPED
    assert [name for name in names if name.endswith((".pyc", "~", ".orig")) or "__pycache__" in name] == []
    assert sum(name.startswith("plugins/modules/openclaw_") for name in names) == len(MODULES) > 0


def test_it_installs_and_verifies(ansible, installed):
    listed = json.loads(ansible("ansible-galaxy", "collection", "list", "--format", "json"))
    assert "clawops.openclaw" in listed[str(installed.parents[1])]


@pytest.mark.parametrize("module", MODULES)
def test_ansible_doc_shows_module(ansible, installed, module):
    shown = json.loads(ansible("ansible-doc", "--json", f"clawops.openclaw.{module}"))[f"clawops.openclaw.{module}"]
    assert shown["doc"]["options"]
    assert shown["examples"]
    assert shown["return"]


@pytest.mark.parametrize("role", ROLES)
def test_ansible_doc_shows_role(ansible, installed, role):
    shown = json.loads(ansible("ansible-doc", "--json", "-t", "role", f"clawops.openclaw.{role}"))
    assert shown[f"clawops.openclaw.{role}"]["entry_points"]["main"]["options"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_by_its_name(ansible, installed, playbook):
    assert "tasks:" in ansible("ansible-playbook", "-i", "mini01,", "--list-tasks", f"clawops.openclaw.{playbook}")
