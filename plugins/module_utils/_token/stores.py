# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Files beside openclaw.json that hold the token: their text before and after. Pure.

Each source whose value is not in the configuration itself has a store: a function that finds the token in the bytes of
its file, and one that returns the bytes with another token in them, everything else in the file as it was.
"""

from __future__ import annotations

import collections
import json
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import VARIABLE
from ansible_collections.clawops.openclaw.plugins.module_utils._token.layout import POINTER_KEYS

#: C(token_in(data)) returns the token or None; C(with_token(data, token, path)) the new bytes. C(data) is None where
#: there is no file.
Store = collections.namedtuple("Store", "token_in with_token")

_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?%s[ \t]*=[^\n]*$" % VARIABLE, re.MULTILINE)
_QUOTED = re.compile(r"\A(?P<quote>['\"])(?P<inner>.*)(?P=quote)\s*(?:#.*)?\Z")
#: What needs no quotes in a C(.env) file.
_PLAIN = re.compile(r"[A-Za-z0-9_./+=~:@%^,-]+\Z")


def _json_token(data):
    node = _json(data)
    for key in POINTER_KEYS:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, str) and node else None


def _json(data):
    try:
        return json.loads((data or b"{}").decode("utf-8"))
    except ValueError:
        return None


def _json_with(data, token, path):
    document = _json(data)
    inner = document
    for key in POINTER_KEYS[:-1]:
        inner = inner.setdefault(key, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        raise Failure(
            "secret_file_unusable",
            "%s is no JSON object in which %s could be set." % (path, ".".join(POINTER_KEYS)),
            "config",
            "correct it or move it away; nothing was changed.",
            path=path,
        )
    inner[POINTER_KEYS[-1]] = token
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _dotenv_token(data):
    lines = _LINE.findall(_text(data))
    if not lines:
        return None
    # The last assignment is the one that counts.
    value = lines[-1].partition("=")[2].strip()
    quoted = _QUOTED.match(value)
    value = quoted.group("inner") if quoted else value.partition(" #")[0].rstrip()
    return value or None


def _dotenv_with(data, token, path):
    if not _PLAIN.match(token):
        raise Failure(
            "token_needs_quotes",
            "a token with other characters than letters, digits and ./+=~:@%%^,_- cannot stand in %s: programs read "
            "quotes in such files differently." % path,
            "input",
            "give a token of those characters (openssl rand -hex 32), or another source.",
            path=path,
        )
    text = _text(data)
    line = "%s=%s" % (VARIABLE, token)
    places = list(_LINE.finditer(text))
    if places:
        for place in reversed(places[:-1]):
            # One assignment is enough; an earlier one is never read.
            text = text[: place.start()] + text[place.end() + 1 :]
        last = _LINE.search(text)
        end = "\r" if last.group().endswith("\r") else ""
        return (text[: last.start()] + line + end + text[last.end() :]).encode("utf-8", "surrogateescape")
    if text and not text.endswith("\n"):
        text += "\n"
    return (text + line + "\n").encode("utf-8", "surrogateescape")


def _text(data):
    return (data or b"").decode("utf-8", "surrogateescape")


#: Source -> its store. C(config) needs none.
STORES = {"file": Store(_json_token, _json_with), "env": Store(_dotenv_token, _dotenv_with)}
