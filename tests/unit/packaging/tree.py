# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the packaging tests look at: the files of the clone, and the documentation strings in them."""
import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def files(*patterns):
    """Files of the clone that git knows or would add, as sorted relative paths; with patterns, those that match one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=str(ROOT), check=True, stdout=subprocess.PIPE,
    ).stdout.decode().split("\0")
    found = sorted(Path(name) for name in set(listed) if name and (ROOT / name).is_file())
    return [path for path in found if not patterns or any(path.match(pattern) for pattern in patterns)]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def strings(path):
    """The strings assigned at the top of a Python file, by name: DOCUMENTATION and its like."""
    found = {}
    for node in ast.parse(text(path)).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found[node.targets[0].id] = node.value.value
    return found


def modules():
    """Names of the collection's modules."""
    return [path.stem for path in files("plugins/modules/*.py")]
