# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that say the same thing twice must say the same."""
import ast
import os
import re
import sys

import pytest
import yaml
from tree import ROOT, files, modules, strings, text

sys.path.insert(0, str(ROOT / "tests/tools"))
import kinds
import reference

GALAXY = yaml.safe_load(text("galaxy.yml"))
RUNTIME = yaml.safe_load(text("meta/runtime.yml"))
#: Modules that only an action runs -> the action, which their example shows.
RUN_BY = {"openclaw_look": "openclaw_audit"}
MEMBERSHIP = "clawops.openclaw._attributes.actiongroup_gateway"


def documentation(module):
    return yaml.safe_load(strings(f"plugins/modules/{module}.py")["DOCUMENTATION"])


def test_there_are_modules():
    assert modules()


def test_collection_needs_no_other():
    assert GALAXY["dependencies"] == {}


def test_oldest_core_is_the_one_tested():
    pinned = re.search(r"ansible-core==(\d+\.\d+)", text("tests/requirements/core-oldest.txt")).group(1)
    assert RUNTIME["requires_ansible"] == f">={pinned}.0"


def test_action_group_is_what_the_modules_say():
    fragments = {name: documentation(name).get("extends_documentation_fragment", []) for name in modules()}
    members = [name for name, used in fragments.items() if MEMBERSHIP in used]
    assert sorted(RUNTIME["action_groups"]["gateway"]) == members


@pytest.mark.parametrize("module", modules())
def test_module_is_documented(module):
    found = strings(f"plugins/modules/{module}.py")
    documented = documentation(module)
    assert documented["module"] == module
    assert documented["version_added"] == GALAXY["version"].split("-")[0]
    examples = yaml.safe_load(found["EXAMPLES"])
    assert any(f"clawops.openclaw.{RUN_BY.get(module, module)}" in task for task in examples)
    returned = yaml.safe_load(found["RETURN"])
    assert "failure" in returned
    assert [key for key, entry in returned.items() if not {"description", "returned", "type"} <= set(entry)] == []


def test_reference_pages_are_what_modules_and_roles_say():
    """`make reference` writes them."""
    behind = [name for name, body in reference.pages().items() if text(f"docs/{name}") != body]
    assert behind == []


def test_no_page_is_of_a_check_that_is_gone():
    made = {f"docs/{name}" for name in reference.pages() if name.startswith("checks/")}
    assert {path.as_posix() for path in files("docs/checks/*.md")} == made


@pytest.mark.parametrize("playbook", [path.stem for path in files("playbooks/*.yml")])
def test_playbook_is_in_the_operators_pages(playbook):
    assert f"clawops.openclaw.{playbook}" in text("docs/playbooks.md")


@pytest.mark.parametrize("role", sorted({path.parts[1] for path in files("roles/*/meta/argument_specs.yml")}))
def test_role_says_its_variables_once_and_the_same(role):
    """Every default is specified with that very default, and every specified default is one."""
    entries = yaml.safe_load(text(f"roles/{role}/meta/argument_specs.yml"))["argument_specs"]
    options = {}
    for entry in entries.values():
        options.update(entry.get("options") or {})
    defaults = yaml.safe_load(text(f"roles/{role}/defaults/main.yml")) or {}
    assert {name: option["default"] for name, option in options.items() if "default" in option} == defaults
    assert [name for name in options if not name.startswith(f"{role.strip('_')}_")] == []


def test_every_sanity_exception_has_its_reason():
    lines = [line for path in files("tests/sanity/ignore-*.txt") for line in text(path).splitlines() if line.strip()]
    assert [line for line in lines if not re.search(r"^\S+ \S+ +# \w+", line)] == []


def links():
    """Every relative link of the pages, as (page, what it leads to)."""
    for path in files("*.md"):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(path)):
            if "://" not in link:
                yield path.as_posix(), os.path.normpath((path.parent / link).as_posix())


def test_links_lead_somewhere():
    known = {found.as_posix() for found in files()}
    known |= {parent.as_posix() for found in files() for parent in found.parents}
    assert [(page, target) for page, target in links() if target not in known] == []


def imported(path):
    """The modules that a Python file itself imports; what a string of it imports is another program's."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_no_test_imports_a_conftest():
    """Of several files of that name the one collected last is what the name leads to: what tests share is a kit."""
    assert [path.as_posix() for path in files("tests/**/*.py") if "conftest" in imported(path)] == []


@pytest.mark.parametrize("together", [kinds.OTHERS, kinds.TOKENS, kinds.PROBES, kinds.SAMPLED], ids="-".join)
def test_no_two_files_of_a_kind_have_one_name(together):
    """Files collected together are told apart by their name alone."""
    names = [path.name for folder in together for path in files(f"{folder}/*.py") if path.name != "conftest.py"]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
