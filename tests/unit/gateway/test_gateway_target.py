# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Port and credential from openclaw.json."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.target import credential_of, port_of


@pytest.mark.parametrize("config, port", [
    ({}, 18789), ({"gateway": {}}, 18789), ({"gateway": {"port": 18790}}, 18790), ({"gateway": {"port": 1}}, 1),
    ({"gateway": {"port": 0}}, None), ({"gateway": {"port": 65536}}, None), ({"gateway": {"port": "18789"}}, None),
    ({"gateway": {"port": True}}, None), ({"gateway": {"port": None}}, None), ({"gateway": {"port": 1.5}}, None),
    ({"gateway": {"$include": "x.json"}}, None), ({"$include": "x.json"}, None), ({"gateway": "odd"}, 18789),
])
def test_port(config, port):
    assert port_of(config) == port


@pytest.mark.parametrize("auth, sent, code", [
    ({"mode": "token", "token": "abc"}, {"token": "abc"}, None),
    ({"token": "abc"}, {"token": "abc"}, None),
    ({"mode": "password", "password": "pw"}, {"password": "pw"}, None),
    ({"password": "pw"}, {"password": "pw"}, None),
    ({"mode": "token", "token": "abc", "password": "pw"}, {"token": "abc"}, None),
    ({"mode": "password", "token": "abc", "password": "pw"}, {"password": "pw"}, None),
    ({}, {}, "token_missing"), ({"mode": "token"}, {}, "token_missing"), ({"token": ""}, {}, "token_missing"),
    ({"mode": "password", "token": "abc"}, {}, "token_missing"),
    ({"mode": "none"}, {}, "token_missing"),
    ({"token": "${OPENCLAW_TOKEN}"}, {}, "token_reference"),
    ({"token": {"source": "env", "provider": "default", "id": "X"}}, {}, "token_reference"),
    ({"$include": "auth.json"}, {}, "token_reference"),
    ({"token": 12345}, {}, "token_invalid"), ({"token": ["a"]}, {}, "token_invalid"),
    ({"token": {"a": 1}}, {}, "token_invalid"),
    ("odd", {}, "token_missing"), (None, {}, "token_missing"),
])
def test_credential(auth, sent, code):
    credential = credential_of({"gateway": {"auth": auth}}, "/p/openclaw.json")
    assert (credential.auth, credential.code) == (sent, code)
    assert (credential.reason is None) == (code is None)


def test_a_credential_does_not_show_its_secret():
    credential = credential_of({"gateway": {"auth": {"token": "very-secret"}}}, "p")
    assert "very-secret" not in repr(credential) and "very-secret" not in "%s" % (credential,)
