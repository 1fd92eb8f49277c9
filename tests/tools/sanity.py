# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test sanity on a copy of the clone, with the ansible-core of the environment this runs in.

    ENVIRONMENT/bin/python tests/tools/sanity.py                       every test that needs no container
    ENVIRONMENT/bin/python tests/tools/sanity.py --target BIN_DIR 3.9  compile and import alone, under a target's Python
"""
import ast
import collections
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ansible_test
from ansible.release import __version__ as core

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = Path(sys.executable).parent
COPY = ROOT / "build/sanity" / core / "ansible_collections/clawops/openclaw"
# ansible-test keeps environments and downloads below the home directory, and hides most variables from its children.
HOME = ROOT / "build/sanity/home"
TEST_CACHE = HOME / ".ansible/test/cache"

# ansible-test fetches get-pip.py from a host of its own to put pip into the environments it makes. The index that gave
# us everything else can give pip too, so this stands in: the same interface, pip from its wheel.
GET_PIP = '''"""Stands in for get-pip.py: installs what it is asked for with the pip wheel that lies beside it."""
import os
import runpy
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "{wheel}"))
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.argv = ["pip", "install", "--upgrade", "--force-reinstall"] + wanted
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def copy_tree():
    """A copy under the path ansible-test insists on (a link does not do), with a git of its own to list the files."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE,
    ).stdout.decode().split("\0")
    for name in filter(None, listed):
        source, target = ROOT / name, COPY / name
        if source.is_symlink() or source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        subprocess.run(command, cwd=COPY, check=True)


def provide_pip():
    """Fills ansible-test's own cache, where nothing is there yet, with a get-pip that needs no host but the index."""
    source = (Path(ansible_test.__file__).parent / "_internal/python_requirements.py").read_text()
    for version in sorted(set(re.findall(r"\bpip='([0-9.]+)'", source))):
        script = TEST_CACHE / f"get_pip_{version.replace('.', '_')}.py"
        if script.exists():
            continue
        TEST_CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(TEST_CACHE), f"pip=={version}"],
            check=True,
        )
        script.write_text(GET_PIP.format(wheel=f"pip-{version}-py3-none-any.whl"))


def carry_pip_configuration():
    """Writes down what pip is told by files and by variables (an index, a certificate): as a file it gets through."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    sections = collections.defaultdict(dict)
    for line in listed.splitlines():
        name, _equals, value = line.partition("=")
        section, _dot, key = name.rpartition(".")
        # The environment comes first in the list, and wins.
        sections["global" if section == ":env:" else section].setdefault(key, ast.literal_eval(value))
    lines = []
    for section, pairs in sections.items():
        lines += [f"[{section}]", *(f"{key} = {value}".replace("\n", "\n    ") for key, value in pairs.items())]
    target = HOME / ".config/pip/pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n")


def main(arguments):
    copy_tree()
    carry_pip_configuration()
    provide_pip()
    path = [str(ENVIRONMENT), os.environ["PATH"]]
    command = [str(ENVIRONMENT / "ansible-test"), "sanity", "--local", "--color", "no"]
    if arguments[:1] == ["--target"]:
        path.insert(0, arguments[1])
        command += ["--python", arguments[2], "--test", "compile", "--test", "import"]
    else:
        command += ["--python", f"{sys.version_info[0]}.{sys.version_info[1]}"]
    print(f"ansible-core {core}: {' '.join(command[1:])}", flush=True)
    environment = dict(os.environ, PATH=os.pathsep.join(path), HOME=str(HOME))
    return subprocess.run(command, cwd=COPY, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
