# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path, parse_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure

PATHS = {
    "gateway": ("gateway",),
    "gateway.auth.token": ("gateway", "auth", "token"),
    "channels.my-bot.x_1": ("channels", "my-bot", "x_1"),
    'channels["my.bot"].enabled': ("channels", "my.bot", "enabled"),
    "channels['my.bot'].enabled": ("channels", "my.bot", "enabled"),
    'channels."my.bot".enabled': ("channels", "my.bot", "enabled"),
    "agents.list[0].id": ("agents", "list", 0, "id"),
    "a[0][12]": ("a", 0, 12),
    'a["0"]': ("a", "0"),
    'a["with \\" quote"]': ("a", 'with " quote'),
    'a["back\\\\slash"]': ("a", "back\\slash"),
    '["first"].x': ("first", "x"),
    'a["[x]"]': ("a", "[x]"),
}


@pytest.mark.parametrize("text", PATHS)
def test_parse(text):
    assert parse_path(text) == PATHS[text]


@pytest.mark.parametrize("text", PATHS)
def test_format_is_the_inverse(text):
    assert parse_path(format_path(PATHS[text])) == PATHS[text]


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", 'a["x', "a]b", "a b", 'a"b"', "a[0]b"]
)
def test_bad_paths_are_refused_by_name(text):
    with pytest.raises(Failure) as caught:
        parse_path(text)
    assert caught.value.code == "path_invalid"
    assert repr(text) in caught.value.message


def test_value_at():
    tree = {"a": [{"b": 1}], "n": None}
    assert value_at(tree, ("a", 0, "b")) == 1
    assert value_at(tree, ("a", 1, "b")) is None
    assert value_at(tree, ("a", "b"), "gone") == "gone"
    assert value_at(tree, ("n",), "gone") is None
    assert value_at(tree, ()) is tree
