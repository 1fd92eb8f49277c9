# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What judges say is told without secrets, and about the host."""
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor.words import Words, known_secrets
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

CANARY = "canary-0123456789abcdef"


@pytest.mark.parametrize(
    ("config", "dotenvs", "environment"),
    [
        ("{gateway: {auth: {token: '%s'}}}" % CANARY, [], {}),
        ("{env: {ANYTHING: '%s'}}" % CANARY, [], {}),
        ("{ gateway: { auth: { token: '%s'" % CANARY, [], {}),
        ("{ gateway: { auth: { token: '%s" % CANARY, [], {}),
        ('{"a": "%s" ' % CANARY, [], {}),
        ("", ["export OPENAI_API_KEY='%s'" % CANARY], {}),
        ("", [], {"OPENCLAW_GATEWAY_TOKEN": CANARY}),
    ],
)
def test_secrets_are_known_wherever_they_are(config, dotenvs, environment):
    assert CANARY in known_secrets(config, dotenvs, environment)


def test_ordinary_words_are_none():
    config = "{gateway: {mode: 'local', bind: 'loopback', auth: {mode: 'token', token: 'short'}}}"
    assert known_secrets(config, ["PATH=/usr/bin:/bin\nEDITOR=something"], {"HOME": "/Users/openclaw"}) == set()


def test_a_secret_is_told_as_its_fingerprint_and_the_longer_one_first():
    words = Words({CANARY, CANARY + "-longer"}, [])
    assert words("a %s b %s-longer." % (CANARY, CANARY)) == "a %s b %s." % (
        fingerprint(CANARY), fingerprint(CANARY + "-longer"),
    )  # fmt: skip
    assert words(None) is None


@pytest.mark.parametrize("secret", ["sk-abcdefgh12345678", "ghp_abcdefghijkl", "AKIAABCDEFGHIJKL"])
def test_known_shapes_are_secrets_wherever_they_came_from(secret):
    assert secret not in Words(set(), [])("key=%s, https://me:%s@example.com Bearer %s" % (secret, secret, secret))


def test_paths_are_those_of_the_host():
    words = Words(set(), [("/tmp/p/h/.openclaw", "/Users/o/.openclaw"), ("/tmp/p/h", "/Users/o"), ("/tmp/p", "-")])
    assert words("/tmp/p/h/.openclaw/x /tmp/p/h/y /tmp/p/tmp") == "/Users/o/.openclaw/x /Users/o/y -/tmp"
