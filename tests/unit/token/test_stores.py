# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a token lies besides openclaw.json: found, replaced, everything else left."""

import json
import shlex

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._token import layout, stores

OLD, NEW = "old-token-0123456789", "new-token-9876543210"
V = "OPENCLAW_GATEWAY_TOKEN"
ITEM = layout.Item("ai.openclaw.gateway", "openclaw", "/Library/Keychains/System.keychain", None)
SITES = layout.Sites("/x/.env", "/x/secrets.json", "/x/bin/gateway-token", ITEM)
DOTENV = [
    # before, token found, after
    (None, None, "%s=NEW\n"),
    ("", None, "%s=NEW\n"),
    ("A=1\n", None, "A=1\n%s=NEW\n"),
    ("A=1", None, "A=1\n%s=NEW\n"),
    ("%s=OLD\nB=2\n", OLD, "%s=NEW\nB=2\n"),
    ("# c\nexport %s=\"OLD\" # mine\nB=2", OLD, "# c\n%s=NEW\nB=2"),
    ("%s='OLD'\r\nB=2\r\n", OLD, "%s=NEW\r\nB=2\r\n"),
    ("  %s = OLD # note\n", OLD, "%s=NEW\n"),
    ("%s=first\nA=1\n%s=OLD\n", OLD, "A=1\n%s=NEW\n"),
    ("%s=\n", None, "%s=NEW\n"),
    ("#%s=OLD\n", None, "#%s=OLD\n%s=NEW\n"),
    ("%s_OTHER=OLD\n", None, "%s_OTHER=OLD\n%s=NEW\n"),
    ("MY_%s=OLD", None, "MY_%s=OLD\n%s=NEW\n"),
]


def filled(text):
    return None if text is None else text.replace("%s", V).replace("OLD", OLD).replace("NEW", NEW).encode()


@pytest.mark.parametrize(("before", "found", "after"), DOTENV)
def test_dotenv(before, found, after):
    store = stores.STORES["env"][0]
    assert store.token_in(filled(before)) == found
    assert store.with_token(filled(before), NEW, SITES) == filled(after)
    assert store.token_in(filled(after)) == NEW


def test_dotenv_keeps_bytes_that_are_no_text():
    store = stores.STORES["env"][0]
    assert store.with_token(b"A=\xff\xfe\n", NEW, SITES).startswith(b"A=\xff\xfe\n")


@pytest.mark.parametrize("token", ["with blank", 'quo"te', "dol$lar", "hash#", "back`tick", "\u00fcmlaut"])
def test_dotenv_refuses_what_needs_quotes(token):
    with pytest.raises(Failure) as caught:
        stores.STORES["env"][0].with_token(b"", token, SITES)
    assert caught.value.code == "token_needs_quotes" and token not in caught.value.sentence()


JSON = [
    (None, None),
    (b"{}", None),
    (b'{"gateway": {"token": "%s"}, "other": [1]}' % OLD.encode(), OLD),
    (b'{"gateway": {"token": 5}}', None),
]


@pytest.mark.parametrize(("before", "found"), JSON)
def test_secret_file(before, found):
    store = stores.STORES["file"][0]
    assert store.token_in(before) == found
    after = store.with_token(before, NEW, SITES)
    assert store.token_in(after) == NEW
    kept = json.loads(before or b"{}")
    assert {key: value for key, value in json.loads(after).items() if key != "gateway"} == {
        key: value for key, value in kept.items() if key != "gateway"
    }


@pytest.mark.parametrize("data", [b"[]", b"not JSON", b'{"gateway": 5}', b"\xff"])
def test_a_secret_file_that_is_something_else_is_left_alone(data):
    assert stores.STORES["file"][0].token_in(data) is None
    with pytest.raises(Failure) as caught:
        stores.STORES["file"][0].with_token(data, NEW, SITES)
    assert caught.value.code == "secret_file_unusable" and "/x/secrets.json" in caught.value.message


WITHOUT = [
    (b'{"gateway": {"token": "x"}}', None),
    (b'{"gateway": {"token": "x", "a": 1}}', {"gateway": {"a": 1}}),
    (b'{"gateway": {"token": "x"}, "b": 2}', {"b": 2}),
]


@pytest.mark.parametrize(("before", "after"), WITHOUT)
def test_a_secret_file_loses_the_token_and_nothing_else(before, after):
    left = stores.STORES["file"][0].without(before)
    assert (left and json.loads(left)) == after


def test_a_keychain_item_holds_the_token_and_the_program_only_says_where():
    item, program = stores.STORES["exec"]
    assert item.token_in(item.with_token(None, NEW, SITES)) == NEW and item.without(NEW.encode()) is None
    text = program.with_token(None, NEW, SITES).decode()
    assert NEW not in text and text.startswith("#!/bin/sh\n")
    assert "find-generic-password -s ai.openclaw.gateway -a openclaw -w /Library/Keychains/System.keychain" in text
    with pytest.raises(Failure) as caught:
        item.with_token(None, "with blank", SITES)
    assert caught.value.code == "token_needs_quotes"


def test_a_program_quotes_what_a_shell_would_read():
    odd = stores.program(layout.Item("it's; rm -rf", "a b", "/Users/a b/$HOME", None)).decode()
    assert shlex.split(odd.splitlines()[-1])[3:] == ["-s", "it's; rm -rf", "-a", "a b", "-w", "/Users/a b/$HOME"]


def test_the_configuration_says_where_it_is():
    assert layout.wanted("config", NEW, SITES).settings == {"gateway": {"auth": {"token": NEW}}}
    for source in ("file", "env", "exec"):
        wanted = layout.wanted(source, NEW, SITES)
        assert NEW not in str(wanted)
        assert layout.refers(wanted.settings["gateway"]["auth"]["token"], source) is (source != "env")
    assert layout.wanted("file", NEW, SITES).settings["secrets"]["providers"]["clawops"]["path"] == "/x/secrets.json"
    assert layout.wanted("exec", NEW, SITES).settings["secrets"]["providers"]["clawops"]["command"] == SITES.program
    assert layout.nowhere().settings == {}
