# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: docs/architecture.md, held against the imports themselves."""
import ast

from tree import files, text

#: Room -> rooms it may use. What is not a room (a file with a leading underscore at the top) everybody may use.
ALLOWED = {
    "_config": set(),
    "_gateway": set(),
    "_service": set(),
    "_units": {"_service"},
    "_release": set(),
    "_secrets": {"_config"},
    "_token": {"_config", "_gateway", "_secrets", "_service"},
    "_host": {"_config", "_gateway", "_service", "_release", "_secrets"},
    "_probe": {"_config", "_gateway", "_host", "_secrets", "_service"},
    "_info": {"_config", "_gateway", "_host", "_probe", "_release", "_secrets", "_service"},
    "_files": {"_config"},
    "_lock": {"_config"},
    "_snapshot": {"_config", "_files", "_host", "_release", "_service"},
    "_upgrade": {"_config", "_host", "_release"},
    "_smoke": {"_config", "_host", "_service"},
    "_mac": {"_config", "_host", "_service", "_smoke"},
    "_doctor": {"_config", "_host", "_secrets", "_service"},
}
#: The one file below module_utils that may know Ansible: the edge of all modules.
EDGE = "_module.py"


def imported(path):
    """Dotted names that a file imports, relative ones made absolute below module_utils."""
    inside = path.parts[2:-1]
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield node.module
                continue
            base = list(inside[: len(inside) - node.level + 1])
            if node.module:
                yield ".".join(["module_utils", *base, node.module])
            else:
                for name in node.names:
                    yield ".".join(["module_utils", *base, name.name])


def room(name):
    """The room a dotted name lies in, or None."""
    tail = name.split("module_utils.", 1)[1] if "module_utils." in name else ""
    first = tail.split(".")[0]
    return first if first in ALLOWED else None


UTILS = files("plugins/module_utils/*.py", "plugins/module_utils/*/*.py")


def test_rooms_know_only_what_lies_below_them():
    wrong = {}
    for path in UTILS:
        own = path.parts[2]
        if own in ALLOWED:
            used = {room(name) for name in imported(path)} - {None, own} - ALLOWED[own]
            wrong.update({str(path): used} if used else {})
    assert wrong == {}


def test_the_thinking_knows_no_ansible():
    knows = [str(path) for path in UTILS if any(name.split(".")[0] == "ansible" for name in imported(path))]
    assert knows == [f"plugins/module_utils/{EDGE}"]


def test_every_room_is_in_the_table():
    rooms = {path.parts[2] for path in UTILS if len(path.parts) > 3}
    assert rooms == set(ALLOWED)
