# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States in which a host can be found, each made the way the field makes it, and what one run has to make of any."""

from __future__ import annotations

import json

STATE = "/Users/openclaw/.openclaw"
CONFIG = STATE + "/openclaw.json"
STALE = "stale-canary-0123456789abcdef0123"
VARIABLE = "OPENCLAW_GATEWAY_TOKEN"


def _edit(statement):
    """Rewrites openclaw.json as data, atomically, with the rights of its owner."""
    return (
        "/usr/bin/python3 -c 'import json, os; p = \"%s\"; c = json.load(open(p)); %s; "
        'open(p + ".x", "w").write(json.dumps(c, indent=2)); os.chmod(p + ".x", 0o600); os.rename(p + ".x", p)\''
        % (CONFIG, statement)
    )


def _plist(statement):
    return lambda mini: mini.sh(
        "/usr/bin/python3 -c 'import plistlib; p = \"%s\"; d = plistlib.load(open(p, \"rb\")); %s; "
        'plistlib.dump(d, open(p, "wb"))\'' % (mini.plist, statement)
    )


def _own(command):
    return lambda mini: mini.sh(command, "openclaw")


def _setenv(mini):
    words = "launchctl setenv %s %s" % (VARIABLE, STALE)
    mini.sh(words if mini.domain == "system" else "launchctl asuser %s %s" % (mini.uid, words))


#: Place -> function of a :class:`rotate_kit.Mini` that puts a token there. The newest that is written is STALE.
PLACES = {
    "dotenv": _own("umask 077; printf 'A=1\\n%s=%s\\n' >>%s/.env" % (VARIABLE, STALE, STATE)),
    "gateway.env": _own(
        "umask 077; mkdir -p ~/.config/openclaw; echo '%s=%s' >~/.config/openclaw/gateway.env" % (VARIABLE, STALE)),
    "remote": _own(_edit('c["gateway"]["remote"] = {"url": "ws://192.0.2.1:1", "token": "%s"}' % STALE)),
    "env block": _own(_edit('c["env"] = {"vars": {"%s": "%s"}}' % (VARIABLE, STALE))),
    "legacy": _own(_edit('c["gateway"]["token"] = "%s"' % STALE)),
    "plist": _plist('d["EnvironmentVariables"]["%s"] = "%s"' % (VARIABLE, STALE)),
    "argument": _plist('d["ProgramArguments"] += ["--token", "%s"]' % STALE),
    "setenv": _setenv,
}  # fmt: skip
#: What can be amiss with gateway.auth.token itself -> the same.
CONFIGURED = {
    "none": _own(_edit('c["gateway"]["auth"] = {}')),
    "a variable": _own(_edit('c["gateway"]["auth"]["token"] = "${%s}"' % VARIABLE)),
    "a placeholder": _own(_edit('c["gateway"]["auth"]["token"] = "undefined"')),
}
#: States with a Gateway started anew from what lies there, so that it has taken what the others have not.
LOADED = ("plist", "argument", "setenv", "dotenv")
#: Seen by a check run, too.
PREDICTED = ("changed", "applied", "restarts", "effect", "source", "generated", "due", "files", "diff", "delivered")


def put(mini, places, loaded=False):
    for name in places:
        dict(PLACES, **CONFIGURED)[name](mini)
    if loaded:
        mini.load_anew()


def hold(mini, **options):
    """One run ends with one source, proven, as the check run said; the next one changes nothing. Returns its result."""
    foretold = mini.token("--check", **options)
    result = mini.token(**options)
    assert "failure" not in result, result
    assert {key: result[key] for key in PREDICTED} == {key: foretold[key] for key in PREDICTED}
    assert (result["proof"], result["source_count"]) == ("proven", 1), result
    assert result["restarts"] <= 1
    again = mini.token(**options)
    assert (again.get("changed"), again["proof"], again["restarts"]) == (False, "proven", 0), again
    assert again["fingerprint"] == result["fingerprint"]
    assert STALE not in json.dumps([foretold, result, again])
    return result


def holds_nothing_stale(mini):
    """Nothing of the stale token is left in the places; only for states in which it was not the Gateway's own."""
    left = mini.sh(
        "cat %s/.env ~openclaw/.config/openclaw/gateway.env 2>/dev/null; cat %s %s; launchctl getenv %s; "
        "launchctl asuser %s launchctl getenv %s; true"
        % (STATE, CONFIG, mini.plist, VARIABLE, mini.uid, VARIABLE))
    return STALE not in left
