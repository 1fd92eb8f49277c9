# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openclaw.json as the stand-in reads it: JSON5, what makes a Gateway not start, and the hashes of what was read."""

import base64
import hashlib
import hmac
import json
import os
import re

PLAIN_SECRETS = ("token", "password", "apiKey", "secret")
REDACTED = "__OPENCLAW_REDACTED__"
#: Exit code of a Gateway whose configuration lets it not start (EX_CONFIG).
REFUSED = 78
#: A change of these makes a Gateway start again within its process.
RESTARTING = (("gateway", "mode"), ("gateway", "port"), ("gateway", "bind"), ("gateway", "auth", "mode"))

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)|(?P<double>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^'\\]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_$][\w$]*)|(?P<number>[-+]?[\d.][\w.+-]*)|(?P<mark>[{}\[\]:,])""", re.DOTALL)
_LITERALS = ("true", "false", "null")


class Refusal(Exception):
    """The Gateway does not start: exit code and what it says."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def _as_json(match):
    kind, text = match.lastgroup, match.group()
    if kind == "single":
        return json.dumps(text[1:-1].replace("\\'", "'"))
    if kind == "word" and text not in _LITERALS:
        return json.dumps(text)
    return text


def parse(text):
    """Return the value of a JSON5 text. Raises ValueError, which names a place as the real one does."""
    at, tokens = 0, []
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError("JSON5: invalid character '%s' at %s" % (text[at], _place(text, at)))
        if match.lastgroup != "space":
            tokens.append(_as_json(match))
        at = match.end()
    kept = [one for one, after in zip(tokens, tokens[1:] + [""]) if not (one == "," and after in ("}", "]"))]
    try:
        return json.loads(" ".join(kept))
    except ValueError:
        raise ValueError("JSON5: invalid end of input at %s" % _place(text, len(text.rstrip()))) from None


def _place(text, at):
    return "%d:%d" % (text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)


def get(tree, *path):
    """Return what lies at a path of keys, or None."""
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def redacted(tree):
    """Return a copy without secrets."""
    if isinstance(tree, dict):
        return {key: REDACTED if key in PLAIN_SECRETS and isinstance(value, str) else redacted(value)
                for key, value in tree.items()}
    return [redacted(value) for value in tree] if isinstance(tree, list) else tree


class Document:
    """One reading of the file. C(tree) is None where it is not valid; C(issues) says why."""

    def __init__(self, path, key):
        self.path, self.exists, self.tree, self.issues, self.text = path, True, None, [], ""
        try:
            with open(path, "rb") as stream:
                raw = stream.read()
        except FileNotFoundError:
            self.exists, raw = False, b""
        self.digest = _mac(key, raw)
        self.revision = None
        try:
            self.text = raw.decode("utf-8")
            tree = parse(self.text) if self.exists else {}
            self.issues = _issues(tree)
        except ValueError as error:
            self.issues = [{"path": "", "message": "JSON5 parse failed: SyntaxError: %s" % error}]
        if not self.issues:
            self.tree = tree
            self.revision = _mac(key, json.dumps(tree, sort_keys=True).encode("utf-8"))


def _issues(tree):
    if not isinstance(tree, dict):
        return [{"path": "", "message": "Invalid input: expected object"}]
    gateway = tree.get("gateway", {})
    if not isinstance(gateway, dict):
        return [{"path": "gateway", "message": "Invalid input: expected object"}]
    found = []
    if "token" in gateway:
        found.append({"path": "gateway", "message": 'Unrecognized key: "token"'})
    port = gateway.get("port", 18789)
    if not isinstance(port, int) or isinstance(port, bool):
        found.append({"path": "gateway.port", "message": "Invalid input: expected number"})
    return found


def _mac(key, data):
    digest = hmac.new(key, data, hashlib.sha256).digest()
    return "hmac-sha256:v1:" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def check_start(document):
    """Refuse what makes a Gateway not start."""
    if not document.exists:
        raise Refusal(REFUSED, "Missing config. Run `openclaw setup` or set gateway.mode=local "
                      "(or pass --allow-unconfigured).")
    unreadable = document.tree is None and document.issues[0]["message"].startswith("JSON5")
    if document.tree is None and not unreadable:
        issue = document.issues[0]
        raise Refusal(REFUSED, "Gateway failed to start: Invalid config at %s:\n%s:1 - %s: %s" % (
            document.path, os.path.basename(document.path), issue["path"], issue["message"]))
    mode = get(document.tree, "gateway", "mode")
    if mode is None:
        raise Refusal(REFUSED, "Gateway start blocked: existing config is missing gateway.mode. Treat this as "
                      "suspicious or clobbered config. Re-run `openclaw onboard --mode local` or `openclaw setup`, "
                      "set gateway.mode=local manually, or pass --allow-unconfigured.")
    if mode != "local":
        raise Refusal(REFUSED, "Gateway start blocked: set gateway.mode=local (current: %s) or pass "
                      "--allow-unconfigured." % mode)


def secret(tree, environment):
    """Return (mode, secret or None) that the Gateway asks for.

    A reference to a secret elsewhere is refused: only what a literal or C(${VAR}) says is simulated.
    """
    auth = get(tree, "gateway", "auth") or {}
    mode = auth.get("mode") or ("password" if auth.get("password") and not auth.get("token") else "token")
    if mode in ("none", "trusted-proxy"):
        return mode, None
    kind = "password" if mode == "password" else "token"
    value = auth.get(kind, environment.get("OPENCLAW_GATEWAY_" + kind.upper()))
    if isinstance(value, str):
        whole = re.fullmatch(r"\$\{(\w+)\}", value)
        value = environment.get(whole.group(1)) if whole else value
    if not isinstance(value, (str, type(None))):
        raise Refusal(1, "Startup failed: required secrets are unavailable. (The lab's stand-in reads no references.)")
    return mode, value or None


def address(tree, has_secret):
    """Return the address to listen on."""
    bind = get(tree, "gateway", "bind") or "loopback"
    if bind == "loopback":
        return "127.0.0.1"
    if not has_secret:
        raise Refusal(REFUSED, "Refusing to bind gateway to %s without auth.\nSet OPENCLAW_GATEWAY_TOKEN or "
                      "OPENCLAW_GATEWAY_PASSWORD, or pass --token/--password to the gateway." % bind)
    return get(tree, "gateway", "customBindHost") or "0.0.0.0"


def changed_paths(before, after, path=()):
    """Return the dotted paths at which two trees differ, as lists of keys."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [found for key in sorted(set(before) | set(after))
                for found in changed_paths(before.get(key), after.get(key), (*path, key))]
    return [] if before == after else [path]
