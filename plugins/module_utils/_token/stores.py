# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What holds the token besides openclaw.json: its content before and after. Pure.

Each source whose value is not in the configuration itself has stores: where it is, how the token is found in its bytes,
the bytes with another token in them, and the bytes without one; everything else in it stays as it was.
"""

from __future__ import annotations

import collections
import json
import re
import shlex

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import VARIABLE
from ansible_collections.clawops.openclaw.plugins.module_utils._token.layout import POINTER_KEYS

#: C(kind): how it is read and written, see :mod:`host`. C(mode): permission bits, None for what is no file.
#: C(place(sites)): its path, or its item. C(token_in(data)): the token, or None. C(with_token(data, token, sites)): the
#: new bytes. C(without(data)): bytes, or None where nothing else is in it. C(data) is None where there is nothing.
Store = collections.namedtuple("Store", "kind mode place token_in with_token without")

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


def _json_with(data, token, sites):
    path, document = sites.secret_file, _json(data)
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
    return _json_bytes(document)


def _json_without(data):
    document = _json(data)
    inner = document["gateway"]
    del inner["token"]
    if not inner:
        del document["gateway"]
    return _json_bytes(document) if document else None


def _json_bytes(document):
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


def _dotenv_with(data, token, sites):
    _require_plain(token, sites.dotenv)
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


def _require_plain(token, where):
    """Programs read quotes in C(.env) files, and lines of commands, each in their own way."""
    if not _PLAIN.match(token):
        raise Failure(
            "token_needs_quotes",
            "a token with other characters than letters, digits and ./+=~:@%%^,_- cannot stand in %s." % where,
            "input",
            "give a token of those characters (openssl rand -hex 32), or another source.",
            path=where,
        )


def _item_token(data):
    return data.decode("utf-8", "replace") if data else None


def _item_with(data, token, sites):
    _require_plain(token, "the keychain item %s" % sites.item.service)
    return token.encode("ascii")


def program(item):
    """Return the bytes of the program that OpenClaw asks for the token in a keychain (:class:`layout.Item`)."""
    words = ["/usr/bin/security", "find-generic-password", "-s", item.service, "-a", item.account, "-w", item.keychain]
    return (
        "#!/bin/sh\n"
        "# Prints the token of the Gateway to OpenClaw. Kept by clawops.openclaw.openclaw_token.\n"
        "exec %s\n" % " ".join(map(shlex.quote, words))
    ).encode("utf-8")


#: Source -> its stores, in the order of writing. C(config) has none. What is taken out of C(.env) is the business of
#: the room _secrets, since tokens get there without us, too.
STORES = {
    "config": (),
    "file": (
        Store("private", 0o600, lambda sites: sites.secret_file, _json_token, _json_with, _json_without),
    ),
    "env": (Store("private", 0o600, lambda sites: sites.dotenv, _dotenv_token, _dotenv_with, lambda data: data),),
    "exec": (
        Store("keychain", None, lambda sites: sites.item, _item_token, _item_with, lambda data: None),
        Store(
            "program",
            0o700,
            lambda sites: sites.program,
            lambda data: None,
            lambda data, token, sites: program(sites.item),
            lambda data: None,
        ),
    ),
}
