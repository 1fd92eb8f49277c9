# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import json

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config.edit import ABSENT, Change
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import fingerprint as secret
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report

ABC = "sha256:ba7816bf8f01"


def test_fingerprint_is_the_published_one():
    # FIPS 180-2, appendix B.1
    assert secret.fingerprint("abc") == ABC


@pytest.mark.parametrize(
    "key",
    [
        "token",
        "botToken",
        "OPENCLAW_GATEWAY_TOKEN",
        "password",
        "passwordHash",
        "clientSecret",
        "secretKey",
        "apiKey",
        "API_KEY",
        "x-api-key",
        "privateKey",
        "encryptKey",
        "serviceAccount",
        "serviceAccountRef",
        "Authorization",
        "cookie",
        "credentials",
        "accessKeyId",
        "signingKey",
        "tokens",
        "passphrase",
        "webhookUrl",
    ],
)
def test_keys_of_secrets(key):
    assert secret.is_secret_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "maxTokens",
        "contextTokens",
        "maxOutputTokens",
        "tokenLimit",
        "passwordFile",
        "secrets",
        "mode",
        "port",
        "bind",
        "key",
        "keyboard",
        "keys",
        "auth",
        "id",
        None,
        3,
    ],
)
def test_keys_of_other_things(key):
    assert not secret.is_secret_key(key)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"token": "abc"}, {"token": ABC}),
        ({"auth": {"token": "abc", "mode": "token"}}, {"auth": {"token": ABC, "mode": "token"}}),
        ({"token": "${VAR}"}, {"token": "${VAR}"}),
        ({"token": "${VAR}abc"}, {"token": secret.fingerprint("${VAR}abc")}),
        ({"token": {"source": "env", "id": "V"}}, {"token": {"source": "env", "id": "V"}}),
        ({"token": {"value": "abc"}}, {"token": {"value": ABC}}),
        ({"tokens": ["abc", {"x": "abc"}]}, {"tokens": [ABC, {"x": ABC}]}),
        ({"password": 123}, {"password": secret.fingerprint("123")}),
        ({"token": True, "secret": None}, {"token": True, "secret": None}),
        ({"maxTokens": 5}, {"maxTokens": 5}),
        ({"token": ""}, {"token": ""}),
        ({"token": "undefined"}, {"token": "undefined"}),
        ("https://user:abc@host/x", "https://%s@host/x" % secret.fingerprint("user:abc")),
        (["abc"], ["abc"]),
    ],
)
def test_mask(value, expected):
    assert secret.mask(value) == expected


def test_mask_knows_the_way_to_a_value():
    assert secret.mask("abc", ("gateway", "auth", "token")) == ABC
    assert secret.mask("abc", ("token", "nested", "key")) == ABC
    assert secret.mask("abc", ("gateway", "bind")) == "abc"


def test_secrets_in_finds_what_mask_hides():
    value = {
        "a": {"token": "one", "x": ["https://u:two@h"], "secret": {"deep": ["three", 4]}},
        "b": {"apiKey": "${V}", "password": "undefined", "token": {"source": "env", "id": "V"}},
        "plain": "abc",
    }
    assert secret.secrets_in(value) == {"one", "u:two", "three", "4"}
    shown = json.dumps(secret.mask(value))
    assert not any(word in shown for word in ("one", "two", "three"))


CHANGES = [
    Change(("gateway", "auth", "token"), "OLDSECRETOLDSECRET", "NEWSECRETNEWSECRET"),
    Change(("gateway", "port"), 1, 2),
    Change(("gateway", "note"), ABSENT, "see NEWSECRETNEWSECRET there"),
    Change(("models",), ABSENT, {"a": {"apiKey": "KEYKEYKEYKEY", "list": ["x"]}, "e": {}}),
    Change(("channels", "my.bot"), {"token": "BOTBOTBOTBOT"}, ABSENT),
    Change(("hooks", "token"), ABSENT, {"source": "env", "provider": "default", "id": "V"}),
]


def test_rows_are_leaves_without_secrets():
    rows = report.as_rows(CHANGES)
    assert [(row["path"], row["action"]) for row in rows] == [
        ("gateway.auth.token", "change"),
        ("gateway.port", "change"),
        ("gateway.note", "add"),
        ("models.a.apiKey", "add"),
        ("models.a.list", "add"),
        ("models.e", "add"),
        ('channels["my.bot"].token', "remove"),
        ("hooks.token", "add"),
    ]
    text = json.dumps(rows)
    assert not any(word in text for word in ("OLDSECRET", "NEWSECRET", "KEYKEY", "BOTBOT"))
    assert rows[0]["before"] == secret.fingerprint("OLDSECRETOLDSECRET")
    assert rows[2]["after"] == "see %s there" % secret.fingerprint("NEWSECRETNEWSECRET")
    assert rows[7]["after"] == {"source": "env", "provider": "default", "id": "V"}


def test_a_value_nobody_knows_yet_is_named():
    rows = report.as_rows(CHANGES[:1], {"gateway.auth.token": "(generated)"})
    assert rows[0]["after"] == "(generated)"


def test_diff():
    files = [
        {"path": "/s", "action": "create", "before": None, "after": "0700"},
        {"path": "/s/f", "action": "mode", "before": "0644", "after": "0600"},
    ]
    rows = report.as_rows([CHANGES[1], Change(("a",), ABSENT, True), Change(("b",), "x", ABSENT)])
    assert report.as_diff(rows, files, "/s/f") == {
        "before_header": "/s/f",
        "after_header": "/s/f",
        "before": "/s/f (mode): 0644\ngateway.port: 1\nb: x\n",
        "after": "/s (directory mode): 0700\n/s/f (mode): 0600\ngateway.port: 2\na: true\n",
    }
