# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Gateway's own commands would present, as tables of what they see."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._probe import own_client

NEW, OLD = "2026.9.6", "2026.7.1"
NAME = "OPENCLAW_GATEWAY_TOKEN"


def seen(token=None, environment=None, dotenv=None, gateway_env=None, version=NEW, files=None, **config):
    gateway = dict({"auth": {"token": token} if token is not None else {}}, **config.pop("gateway", {}))
    return own_client.Seen(environment or {}, dict({"gateway": gateway}, **config), "/s/openclaw.json", dotenv,
                           gateway_env, (files or {}).get, version)


FILE_REF = {"source": "file", "provider": "p", "id": "/gateway/token"}
PROVIDER = {"providers": {"p": {"source": "file", "path": "/s/secret.json", "mode": "json"}}}


@pytest.mark.parametrize("what, token, code", [
    (seen("file"), "file", None),
    (seen("file", {NAME: "variable"}), "file", None),
    (seen("file", {NAME: "variable"}, version=OLD), "variable", None),
    # The Gateway's own environment, in any release.
    (seen("file", {NAME: "variable", "OPENCLAW_SERVICE_KIND": "gateway"}, version=OLD), "file", None),
    (seen(None, {NAME: "variable"}), "variable", None),
    (seen(None, dotenv="%s=dot\n" % NAME), "dot", None),
    (seen(None, gateway_env="export %s='env'\n" % NAME), "env", None),
    (seen(None, dotenv="%s=dot" % NAME, gateway_env="%s=env" % NAME), "dot", None),
    (seen(None, env={"vars": {NAME: "block"}}), "block", None),
    (seen(None, gateway={"remote": {"token": "remote"}}), "remote", None),
    (seen(gateway={"mode": "remote", "auth": {"token": "file"}, "remote": {"token": "remote"}}), "remote", None),
    (seen("${MY}", {"MY": "mine"}), "mine", None),
    (seen("${MY}", dotenv="MY=mine"), "mine", None),
    (seen("${MY}"), None, "self_reference"),
    (seen(FILE_REF, files={"/s/secret.json": '{"gateway": {"token": "t"}}'}, secrets=PROVIDER), "t", None),
    (seen(FILE_REF, files={"/s/secret.json": "{}"}, secrets=PROVIDER), None, "self_reference"),
    (seen(FILE_REF, secrets=PROVIDER), None, "self_reference"),
    (seen(FILE_REF), None, "self_reference"),
    (seen({"source": "exec", "provider": "p", "id": "x"}), None, "token_reference"),
    (seen(None), None, "self_nothing"),
    (seen(None, {NAME: "  "}), None, "self_nothing"),
    (seen("", {NAME: "variable"}), "variable", None),
])
def test_credential(what, token, code):
    credential = own_client.credential(what)
    assert (credential.auth.get("token"), credential.code) == (token, code)


def test_a_password():
    what = seen(gateway={"auth": {"mode": "password", "password": "secret"}})
    assert own_client.credential(what).auth == {"password": "secret"}


@pytest.mark.parametrize("what, url, port", [
    (seen("t"), None, 18789),
    (seen("t", gateway={"port": 1234}), None, 1234),
    (seen("t", {"OPENCLAW_GATEWAY_PORT": "4321"}, gateway={"port": 1234}), None, 4321),
    (seen("t", {"OPENCLAW_GATEWAY_PORT": "70000"}), None, None),
    (seen("t", {"OPENCLAW_GATEWAY_PORT": "x"}), None, None),
    (seen("t", gateway={"port": "x"}), None, None),
    (seen("t", {"OPENCLAW_GATEWAY_URL": "ws://h:1"}), "ws://h:1", 18789),
    (seen("t", gateway={"mode": "remote", "remote": {"url": "wss://g/ws"}}), "wss://g/ws", 18789),
    (seen("t", gateway={"mode": "local", "remote": {"url": "wss://g"}}), None, 18789),
])
def test_where_to(what, url, port):
    assert (own_client.url_of(what), own_client.port(what)) == (url, port)
