# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What openclaw.json says about the Gateway, without any of its secrets. Reads one file."""

from __future__ import annotations

import hashlib
import json
import os
import stat

from ansible_collections.clawops.openclaw.plugins.module_utils._config import json5

#: Largest openclaw.json read. Real ones stay below 100 KiB.
LIMIT = 8 << 20
_NOTHING = {
    "exists": False,
    "parseable": None,
    "problem": None,
    "line": None,
    "column": None,
    "digest": None,
    "mode": None,
    "bind": None,
    "port": None,
    "auth_mode": None,
    "file_mode": None,
    "uid": None,
}


def describe(path):
    """Describe a configuration.

    :param path: of openclaw.json.
    :returns: C({path, exists, parseable, problem, line, column, digest, mode, bind, port, auth_mode, file_mode, uid}).
        C(digest) is over the bytes of the file; the four settings are those below C(gateway), as written.
    :raises OSError: the file is there but cannot be read.
    """
    return read(path)[0]


def read(path):
    """Return what :func:`describe` returns, and the configuration as plain data (C(None) where there is none)."""
    found = dict(_NOTHING, path=path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(LIMIT + 1)
            status = os.fstat(stream.fileno())
    except (FileNotFoundError, NotADirectoryError):
        return found, None
    found.update(
        exists=True,
        file_mode="%04o" % stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        digest="sha256:" + hashlib.sha256(data).hexdigest(),
    )
    judged, config = judge_text(data)
    return dict(found, **judged), config


def judge_text(data):
    """Parse the bytes of a configuration.

    :returns: the keys of :func:`describe` that depend on the text, and the configuration as plain data (C(None) where
        it cannot be read). C(problem) never quotes a value.
    """
    if len(data) > LIMIT:
        return {"parseable": False, "problem": "larger than %d bytes" % LIMIT}, None
    try:
        config = json5.reload(data.decode("utf-8"))
    except json5.Json5Error as error:
        return {"parseable": False, "problem": error.problem, "line": error.line, "column": error.column}, None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return {"parseable": False, "problem": "not UTF-8 text", "line": line, "column": None}, None
    if not isinstance(config, dict):
        return {"parseable": False, "problem": "its top is no object", "line": 1, "column": 1}, None
    gateway = config.get("gateway")
    gateway = gateway if isinstance(gateway, dict) else {}
    auth = gateway.get("auth")
    auth = auth if isinstance(auth, dict) else {}
    return {
        "parseable": True,
        "mode": gateway.get("mode"),
        "bind": gateway.get("bind"),
        "port": gateway.get("port"),
        "auth_mode": auth.get("mode"),
    }, config


def effective(path, config, account):
    """Return what a configuration comes to with the files it includes.

    :param path: of openclaw.json. :param config: its plain data. :param account: whose rights to read with.
    :returns: tuple (plain data, list of the included files). :raises Failure: as :func:`includes.resolve`.
    """
    if "$include" not in json.dumps(config):
        return config, []
    # Imported here, as everywhere in this room: what few hosts need costs only those.
    from ansible_collections.clawops.openclaw.plugins.module_utils._config import included, includes

    found = includes.resolve(config, path, (), included.loader(account))
    return found.config, sorted({source[1] for source in found.sources})
