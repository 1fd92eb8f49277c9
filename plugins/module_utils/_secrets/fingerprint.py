# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""How a secret is shown: never itself, always a fingerprint. Pure."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re

#: Keys whose value is a secret: OpenClaw's own list (token, password, secret, apiKey, encryptKey, privateKey,
#: serviceAccount), and what else carries credentials in headers. Everything in an C(env) block is treated as one:
#: nobody knows what a program calls its credential.
_SECRET_KEY = re.compile(
    r"(?:token|passphrase|credentials?|authorization|cookie|webhookurl|signature|service.?account(?:ref)?)$"
    r"|tokens$|^env$|password|passwd|secret|api.?key|encrypt.?key|private.?key|access.?key|signing.?key|auth.?key",
    re.IGNORECASE,
)
#: Keys that only look like it: counters, names of files, and the block that declares secret providers.
_HARMLESS_KEY = re.compile(
    r"(?:max|min|input|output|context|total|completion|budget)\w*tokens$|passwordfile$|^secrets$", re.IGNORECASE
)
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}\Z")
_IN_URL = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_WORDS_OF_POLICY = frozenset(("", "undefined", "null", "__OPENCLAW_REDACTED__"))


def fingerprint(value):
    """Return "sha256:" and the first 12 hex digits of the digest of a secret (str)."""
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def is_secret_key(key):
    """Whether the value under a key of this name is to be treated as a secret."""
    return isinstance(key, str) and bool(_SECRET_KEY.search(key)) and not _HARMLESS_KEY.search(key)


def is_reference(value):
    """Whether a value names a secret instead of being one: C(${VAR}) or a SecretRef (source and id)."""
    if isinstance(value, str):
        return bool(_VARIABLE.match(value))
    return isinstance(value, dict) and isinstance(value.get("source"), str) and isinstance(value.get("id"), str)


def mask(value, key=None):
    """Return a copy of plain data in which every secret is its fingerprint.

    :param key: the key under which the value stands, or a tuple of all keys on the way to it.
    """
    keys = key if isinstance(key, tuple) else (key,)
    return _masked(value, any(map(is_secret_key, keys)))


def _masked(value, secret):
    if isinstance(value, dict):
        if secret and is_reference(value):
            return dict(value)
        return {key: _masked(item, secret or is_secret_key(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, secret) for item in value]
    if isinstance(value, str):
        return _masked_text(value, secret)
    if secret and isinstance(value, (int, float)) and not isinstance(value, bool):
        return fingerprint(str(value))
    return value


def _masked_text(text, secret):
    if not secret or is_reference(text) or text in _WORDS_OF_POLICY:
        return _IN_URL.sub(lambda match: fingerprint(match.group()), text)
    return fingerprint(text)


def secrets_in(value, secret=False):
    """Return the set of secret strings (and numbers, as text) anywhere in plain data."""
    if isinstance(value, dict):
        if secret and is_reference(value):
            return set()
        return set().union(*(secrets_in(item, secret or is_secret_key(key)) for key, item in value.items()))
    if isinstance(value, list):
        return set().union(*(secrets_in(item, secret) for item in value))
    if isinstance(value, str):
        if secret and not is_reference(value) and value not in _WORDS_OF_POLICY:
            return {value}
        return set(_IN_URL.findall(value))
    if secret and isinstance(value, (int, float)) and not isinstance(value, bool):
        return {str(value)}
    return set()


#: Secrets shorter than this are not starred out wherever they occur: that would garble numbers and ordinary words.
_UNMISTAKABLE = 16


def shown_option(option):
    """Return a raw, still unchecked dict option as it may be shown: secrets as fingerprints, or not at all."""
    if isinstance(option, str):
        with contextlib.suppress(ValueError):
            option = json.loads(option)
    return mask(option) if option is None or isinstance(option, dict) else "(not shown: it is no mapping)"


def secrets_in_option(option):
    """Return what of a raw, still unchecked dict option must not be shown in any text either.

    Everything, where it cannot be looked into; else what is long enough to be nothing but a secret.
    """
    if isinstance(option, str):
        try:
            option = json.loads(option)
        except ValueError:
            # Ansible may still read it as key=value pairs.
            return {option} | {piece.partition("=")[2] for piece in re.split(r"[,\s]+", option)} - {""}
    known = secrets_in(option, secret=not isinstance(option, dict))
    return {secret for secret in known if len(secret) >= _UNMISTAKABLE}
