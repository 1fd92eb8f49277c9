# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a token lies besides openclaw.json: found, replaced, everything else left."""

import json

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._token import layout, stores

OLD, NEW = "old-token-0123456789", "new-token-9876543210"
V = "OPENCLAW_GATEWAY_TOKEN"
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
    store = stores.STORES["env"]
    assert store.token_in(filled(before)) == found
    assert store.with_token(filled(before), NEW, "/x/.env") == filled(after)
    assert store.token_in(filled(after)) == NEW


def test_dotenv_keeps_bytes_that_are_no_text():
    store = stores.STORES["env"]
    assert store.with_token(b"A=\xff\xfe\n", NEW, "/x").startswith(b"A=\xff\xfe\n")


@pytest.mark.parametrize("token", ["with blank", 'quo"te', "dol$lar", "hash#", "back`tick", "\u00fcmlaut"])
def test_dotenv_refuses_what_needs_quotes(token):
    with pytest.raises(Failure) as caught:
        stores.STORES["env"].with_token(b"", token, "/x/.env")
    assert caught.value.code == "token_needs_quotes" and token not in caught.value.sentence()


JSON = [
    (None, None),
    (b"{}", None),
    (b'{"gateway": {"token": "%s"}, "other": [1]}' % OLD.encode(), OLD),
    (b'{"gateway": {"token": 5}}', None),
]


@pytest.mark.parametrize(("before", "found"), JSON)
def test_secret_file(before, found):
    store = stores.STORES["file"]
    assert store.token_in(before) == found
    after = store.with_token(before, NEW, "/x")
    assert store.token_in(after) == NEW
    kept = json.loads(before or b"{}")
    assert {key: value for key, value in json.loads(after).items() if key != "gateway"} == {
        key: value for key, value in kept.items() if key != "gateway"
    }


@pytest.mark.parametrize("data", [b"[]", b"not JSON", b'{"gateway": 5}', b"\xff"])
def test_a_secret_file_that_is_something_else_is_left_alone(data):
    assert stores.STORES["file"].token_in(data) is None
    with pytest.raises(Failure) as caught:
        stores.STORES["file"].with_token(data, NEW, "/x/secrets.json")
    assert caught.value.code == "secret_file_unusable" and "/x/secrets.json" in caught.value.message


def test_the_configuration_says_where_it_is():
    assert layout.wanted("config", NEW, "/s.json") == (
        {"gateway": {"auth": {"token": NEW}}}, (("gateway", "auth", "token"),))  # fmt: skip
    file = layout.wanted("file", NEW, "/s.json")
    assert NEW not in str(file)
    assert file.settings["secrets"]["providers"]["clawops"]["path"] == "/s.json"
    assert NEW not in str(layout.wanted("env", NEW, "/s.json"))
