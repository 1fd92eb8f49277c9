# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of codes is complete and each row says what it should."""
import re
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import LAYERS
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import codes, verdict

ROOM = Path(codes.__file__).parent

#: error.details.code of connect in OpenClaw 2026.9.6, as its package lists them, and codes of later requests.
OPENCLAW = [
    "AUTH_REQUIRED", "AUTH_UNAUTHORIZED", "AUTH_TOKEN_MISSING", "AUTH_TOKEN_MISMATCH", "AUTH_TOKEN_NOT_CONFIGURED",
    "AUTH_PASSWORD_MISSING", "AUTH_PASSWORD_MISMATCH", "AUTH_PASSWORD_NOT_CONFIGURED",
    "AUTH_BOOTSTRAP_TOKEN_INVALID", "AUTH_DEVICE_TOKEN_MISMATCH", "AUTH_SCOPE_MISMATCH", "AUTH_RATE_LIMITED",
    "AUTH_TAILSCALE_IDENTITY_MISSING", "AUTH_TAILSCALE_PROXY_MISSING", "AUTH_TAILSCALE_WHOIS_FAILED",
    "AUTH_TAILSCALE_IDENTITY_MISMATCH", "AUTH_IDENTITY_HEADER_REQUIRED", "AUTH_VERIFIED_USER_REQUIRED",
    "AUTHENTICATED_PROFILE_UNAVAILABLE", "CONTROL_UI_BUILD_MISMATCH", "CONTROL_UI_ORIGIN_NOT_ALLOWED",
    "PROTOCOL_MISMATCH", "CONTROL_UI_DEVICE_IDENTITY_REQUIRED", "DEVICE_IDENTITY_REQUIRED", "DEVICE_AUTH_INVALID",
    "DEVICE_AUTH_DEVICE_ID_MISMATCH", "DEVICE_AUTH_SIGNATURE_EXPIRED", "DEVICE_AUTH_NONCE_REQUIRED",
    "DEVICE_AUTH_NONCE_MISMATCH", "DEVICE_AUTH_SIGNATURE_INVALID", "DEVICE_AUTH_PUBLIC_KEY_INVALID",
    "PAIRING_REQUIRED", "CLIENT_VERSION_MISMATCH", "MISSING_SCOPE", "UNAVAILABLE",
]


@pytest.mark.parametrize("code", OPENCLAW)
def test_codes_of_openclaw_are_known(code):
    assert codes.meaning(code).layer is not None


@pytest.mark.parametrize("code", sorted(set(codes.CODES) - {"not_reached"}))
def test_rows(code):
    row = codes.CODES[code]
    assert row.layer in LAYERS and row.verdict in ("fail", "unknown")
    assert row.cause and row.cause[0] != " " and not row.cause.endswith(".")
    assert row.next.endswith(".") and 2 <= row.step <= 5


def test_the_signature_table_of_the_log():
    """A line as the Gateway writes it, or as its documentation quotes it, and what it is."""
    lines = {
        "Refusing to bind gateway to lan without auth.": ["bind_without_auth"],
        "another gateway instance is already listening on ws://127.0.0.1:18789 | listen EADDRINUSE": ["port_held"],
        "Error: listen EADDRINUSE: address already in use 127.0.0.1:18789": ["port_held"],
        "Gateway start blocked: set gateway.mode=local (current: remote) or pass --allow-unconfigured.":
            ["mode_not_local"],
        "Gateway start blocked: existing config is missing gateway.mode. Treat this as suspicious": ["mode_not_local"],
        "[ws] unauthorized conn=1 client=cli auth=token reason=token_mismatch": ["AUTH_UNAUTHORIZED"],
        "origin not allowed (open the Control UI from the gateway host or allow it in ...)":
            ["CONTROL_UI_ORIGIN_NOT_ALLOWED"],
        "device identity required": ["DEVICE_IDENTITY_REQUIRED"],
        "drop guild message (mention required, botId=1)": ["mention_required"],
        "telegram pairing request sender=1 name=x": ["sender_not_paired"],
        "400 messages[1].content: invalid type: sequence, expected a string": ["content_not_text"],
        "Config auto-restored from last-known-good: /s/openclaw.json (reload-invalid-config)": ["config_restored"],
        "Config auto-restored from backup: /s/openclaw.json (missing-meta-vs-last-good)": ["config_restored"],
        "[gateway] ready": [],
    }
    assert {line: codes.in_log(line) for line in lines} == lines


def test_every_code_the_room_gives_is_in_the_table():
    rooms = [ROOM, ROOM.parent / "_probe", ROOM.parents[1] / "plugin_utils"]
    text = "".join(path.read_text() for room in rooms for path in room.glob("*.py") if path.name != "codes.py")
    given = set(re.findall(r'(?:WireError|RpcError|_is|Credential|_blind)\(\s*(?:\{\}, )?"([a-z][a-z_]+)"', text))
    given |= set(re.findall(r'": "(ssh_[a-z_]+)"', text))
    given |= set(re.findall(r'code = "([a-z_]+)" if .* else "([a-z_]+)"', text)[0])
    assert len(given) > 35
    assert given <= set(codes.CODES)
    assert {code for row in verdict.STATES for code in row[3] or ()} <= set(codes.CODES)
    assert set(verdict._UNREADY.values()) <= set(codes.CODES)


def test_a_code_nobody_knows_is_neither_good_nor_bad_and_ends_a_wait():
    row = codes.meaning("AUTH_SOMETHING_NEW")
    assert row.verdict == "unknown" and row.layer is None and not row.passing
    assert "AUTH_SOMETHING_NEW" in row.cause


@pytest.mark.parametrize("code", [code for code in codes.CODES if code.startswith(("AUTH_", "DEVICE_", "PAIRING_"))])
def test_no_refusal_of_a_credential_is_retried(code):
    assert not codes.meaning(code).passing
