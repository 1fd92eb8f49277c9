# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as a target runs it, and what must hold of every run of openclaw_config.

The Python is a target's (3.9) where the bootstrap found one, else the one of the tests.
"""
import getpass
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODULE = ROOT / "plugins/modules/openclaw_config.py"
TARGET_PYTHON = ROOT / "build/venv/target/bin/python"
#: What a check run must predict. C(backup_file) is not known before there is a backup.
PREDICTED = ("changed", "path", "changes", "files", "effect", "digest", "diff")


class Runner:
    """Runs a module. C(process) starts an interpreter for it, C(quick) forks one that is already up."""

    def __init__(self, scratch, module=MODULE):
        self.module = module
        self.python = str(TARGET_PYTHON if TARGET_PYTHON.exists() else sys.executable)
        self.library = scratch / "library"
        self._stage()
        self.environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.library), "LC_ALL": "C.UTF-8",
                            "HOME": str(scratch)}
        self.server = None

    def _stage(self):
        """The parts of ansible-core and of this collection that Ansible would send along."""
        import ansible

        core = Path(ansible.__file__).parent
        (self.library / "ansible").mkdir(parents=True)
        (self.library / "ansible/__init__.py").touch()
        (self.library / "ansible/module_utils").symlink_to(core / "module_utils")
        (self.library / "ansible_collections/clawops").mkdir(parents=True)
        (self.library / "ansible_collections/clawops/openclaw").symlink_to(ROOT)

    def arguments(self, options, check=False):
        return json.dumps({"ANSIBLE_MODULE_ARGS": dict(
            {"user": getpass.getuser()}, **options, _ansible_check_mode=check, _ansible_diff=True)})

    def command(self, options, check=False):
        return [self.python, str(self.module), self.arguments(options, check)]

    def start(self, options, **more):
        return subprocess.Popen(self.command(options), env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)

    def process(self, options, check=False, **more):
        done = subprocess.run(self.command(options, check), env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
        return result_of(done.stdout)

    def told(self, options, **internal):
        """Return (result, everything that was printed) of a run with some of Ansible's internal arguments."""
        arguments = json.loads(self.arguments(options))
        arguments["ANSIBLE_MODULE_ARGS"].update(internal)
        done = subprocess.run([self.python, str(self.module), json.dumps(arguments)], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return result_of(done.stdout), done.stdout

    def quick(self, options, check=False):
        if self.server is None:
            server = Path(__file__).with_name("module_server.py")
            self.server = subprocess.Popen(
                [self.python, str(server), str(self.module)], env=self.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.server.stdin.write(self.arguments(options, check) + "\n")
        self.server.stdin.flush()
        return result_of(json.loads(self.server.stdout.readline())[1])

    def close(self):
        if self.server:
            self.server.stdin.close()
            self.server.stdout.close()
            self.server.wait(30)


def result_of(output):
    """The module's JSON; whatever else it wrote is a failure of the test."""
    try:
        return json.loads(output)
    except ValueError:
        raise AssertionError("no result, but: %s" % output[-4000:]) from None


def seen(directory):
    """What a directory shows of the configuration and of the module's own files: name -> (inode, mode, bytes); and its
    own mode. A Gateway may be at work on other files beside them."""
    if not directory.exists():
        return None
    ours = [path for path in directory.iterdir() if path.name == "openclaw.json" or ".ansible-" in path.name]
    found = {path.name: (path.lstat().st_ino, path.lstat().st_mode, path.read_bytes()) for path in ours}
    return found, directory.stat().st_mode


def agreed(run, directory, options):
    """Run in check mode and for real and again for real; return the real result when all three belong together.

    :param run: C(Runner.process) or C(Runner.quick). :param directory: the state directory.
    """
    before = seen(directory)
    options = dict({"state_dir": str(directory)}, **options)
    foretold = run(options, check=True)
    assert seen(directory) == before, "check mode wrote"
    result = run(options)
    if result.get("failed"):
        assert result["failure"] == foretold["failure"], "check mode foretold another failure"
        assert seen(directory) == before, "a failed run wrote"
        return result
    for key in PREDICTED:
        assert result[key] == foretold[key], "check mode foretold another %s" % key
    file = directory / "openclaw.json"
    assert result["digest"] == "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert result["changed"] == (seen(directory) != before)
    assert file.stat().st_mode & 0o7777 == 0o600
    assert not [name for name in os.listdir(directory) if ".ansible-" in name and not name.endswith(".bak")]
    after = seen(directory)
    again = run(options)
    assert (again["changed"], again["effect"], again["changes"], again["files"]) == (False, "none", [], [])
    assert again["digest"] == result["digest"]
    assert seen(directory) == after, "a run that changed nothing wrote"
    return result
