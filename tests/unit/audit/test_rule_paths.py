# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an expression can touch, read from the expression."""
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import functions, paths

SHAPE = {
    "a": {"b": "str", "list": [{"x": "int", "inner": [{"y": "str"}]}], "free": {"*": {"v": "str"}}, "any": "any"},
    "policy": {"p": "str"},
}


def touched(text):
    found = paths.touched(functions.Expression(text), SHAPE)
    return {paths.shown(path) for path in found.paths}, list(found.problems)


@pytest.mark.parametrize(("text", "wanted"), [
    ("a.b", {"a.b"}),
    ("a.b == policy.p", {"a.b", "policy.p"}),
    ("a.list[].x", {"a.list[].x"}),
    ("a.list[*].inner[].y", {"a.list[].inner[].y"}),
    ("a.list[].inner[].y", {"a.list[].inner[].y"}),
    ("a.list[?x > `1`].inner[] | [?y].y", {"a.list[].x", "a.list[].inner[].y"}),
    ("a.list[0].x", {"a.list[].x"}),
    ("a.list[1:].x", {"a.list[].x"}),
    ("a.free.name.v", {"a.free.name.v"}),
    ("a.free.*.v", {"a.free[].v"}),
    ("a.any.thing.deep", {"a.any"}),
    ("{one: a.b, two: policy.p} | one", {"a.b", "policy.p"}),
    ("[a.b, policy.p][?@]", {"a.b", "policy.p"}),
    ("sort_by(a.list, &x)[].inner[].y", {"a.list[].x", "a.list[].inner[].y"}),
    ("map(&inner[].y, a.list)", {"a.list[].inner[].y"}),
    ("where(a.list, 'x', policy.p)[0].inner", {"a.list[].inner", "policy.p"}),
    ("concat([a.list[].inner[], a.list[].inner[]])[].y", {"a.list[].inner[].y"}),
    ("rows(a.free)[?name == 'x'].v", {"a.free[].name", "a.free[].v"}),
    ("values(a.free)[].v", {"a.free[].v"}),
    ("(a.b || policy.p) && length(a.list)", {"a.b", "policy.p", "a.list"}),
    ("max_by(a.list, &x).x", {"a.list[].x"}),
    ("not_null(a.b, policy.p)", {"a.b", "policy.p"}),
    ("`3`", set()),
])  # fmt: skip
def test_what_is_touched(text, wanted):
    assert touched(text) == (wanted, [])


@pytest.mark.parametrize(("text", "said"), [
    ("a.c", "nothing is called 'a.c'"),
    ("a.lits", "nothing is called 'a.lits' (is 'list' meant?)"),
    ("a.b.c", "'a.b' has no members, so there is no 'a.b.c'"),
    ("a.list.x", "'a.list' is a list: write 'a.list[].x'"),
    ("a.list[].x | x", "'.x' is asked of a list, and is always null; write '[].x'"),
    ("a.b[]", "'a.b' is no list"),
    ("a.list[?z]", "nothing is called 'a.list[].z'"),
    ("a.list[?x].inner[?y].y", "'a.list[].inner' is a list: write 'a.list[].inner[].y'"),
    ("true && a.b", "nothing is called 'true'"),
    ("a.b && a.typo", "nothing is called 'a.typo'"),
    ("!a.b", "'!' binds tighter than the dot: write !(a.b)"),
])  # fmt: skip
def test_what_cannot_be_there_is_told(text, said):
    assert set(touched(text)[1]) == {said}
