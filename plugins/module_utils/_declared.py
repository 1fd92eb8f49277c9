# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Port and credential of a Gateway: what a task declares, else what openclaw.json on the host holds."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._config import identity, plain, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._gateway import target


def read_config(path, account):
    """Read openclaw.json as the account would.

    :returns: tuple (decoded mapping or None, code or None, reason or None); the code says why there is no mapping.
    """
    try:
        with identity.acting_as(account):
            data = storage.read(path, account).data
    except Failure as failure:
        return None, "config_unreadable", failure.message
    if data is None:
        return None, "config_missing", "%s does not exist." % path
    try:
        config = plain.loads(data.decode("utf-8"))
    except ValueError as error:
        return None, "config_unparseable", "%s cannot be parsed: %s." % (path, error)
    if not isinstance(config, dict):
        return None, "config_unparseable", "%s holds no object." % path
    return config, None, None


def declared(path, account, port, token):
    """Return (port or None, credential, reason why the port is unknown): the options first, then openclaw.json.

    :param path: openclaw.json. :param port: option of the task, or None. :param token: option of the task, or None.
    """
    credential = target.Credential({"token": token}) if token else None
    if port is not None and credential:
        return port, credential, None
    config, code, reason = read_config(path, account)
    if credential is None:
        credential = target.credential_of(config, path) if config is not None else target.Credential({}, code, reason)
    if port is not None:
        return port, credential, None
    if config is not None:
        return target.port_of(config), credential, "gateway.port of %s is no port." % path
    return target.DEFAULT_PORT if code == "config_missing" else None, credential, reason
