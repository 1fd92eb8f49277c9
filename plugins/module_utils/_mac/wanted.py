# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What is declared for a Mac, and what is refused before anything is looked at. Pure."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure, check_numbers

#: What leaves a concern alone: it is not looked at, or only told.
AS_IS = "as_is"
#: As macOS takes them, and short enough for every tool.
_NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,30}\Z")
_POWER_NAME = re.compile(r"[a-z]+\Z")
#: Those that would do something else than a service needs, or that no host must depend on.
_POWER_REFUSED = {"destroyfvkeyonstandby": "it decides over FileVault's key, which this module leaves alone"}
#: Largest number of minutes or switches that pmset takes.
_POWER_MOST = 65535
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: First number for an account that nobody gave one: those below 500 are the system's, those from 501 on people's.
FIRST_UID = 600
STAFF = 20


class Wanted(NamedTuple):
    """All that is declared. :data:`AS_IS`, C(None), and an empty mapping leave something alone.

    :ivar make_account: whether the account is created where it is missing. :ivar account: what is declared of it, by
        name (uid, home, shell, full_name, hidden), C(None) where nothing is.
    :ivar power: setting of pmset -> number. :ivar limits: limit of the kernel -> least number; 0 takes our job away.
    :ivar logs: C(present), C(absent) or as it is. :ivar excluded: of C(time_machine) and C(spotlight), whether.
    """

    user: str
    make_account: bool
    account: dict
    power: dict
    limits: dict
    logs: str
    size: int
    keep: int
    interval: int
    log_paths: list
    excluded: dict
    state_dir: str | None


def _refuse(option, message, hint):
    raise Failure("option_invalid", message, "input", hint, option=option)


def _path(option, value):
    if value is None:
        return None
    if not os.path.isabs(value) or _CONTROL.search(value):
        message = "option %r is %r, but must be an absolute path." % (option, value)
        _refuse(option, message, "give the whole path from /.")
    return os.path.normpath(value)


def of(options, limit_names):
    """Return the :class:`Wanted` of a task.

    :param options: mapping as the module takes them.
    :param limit_names: pair of the kernel's names, of the whole host and of one process.
    :raises Failure: C(option_invalid), naming the option.
    """
    name = options["user"]
    if not _NAME.match(name) or name == "root":
        _refuse("user", "option 'user' is %r: an account of a Gateway is not root, and its name is lower case letters, "
                "digits, dots, hyphens and underscores." % name, "correct 'user' in the task.")  # fmt: skip
    numbers = (("uid", 501, 2147483646), ("log_size", 1, 10240), ("log_keep", 1, 100), ("log_interval", 30, 86400),
               ("max_files", 0, 10000000), ("max_files_per_process", 0, 10000000))  # fmt: skip
    check_numbers(options, numbers)
    whole, one = options["max_files"], options["max_files_per_process"]
    if (whole is None) != (one is None) or bool(whole) != bool(one) or (whole or 0) < (one or 0):
        _refuse("max_files", "options 'max_files' and 'max_files_per_process' are %s and %s: they go together, and the "
                "host needs at least as many as one process." % (whole, one), "correct both in the task.")  # fmt: skip
    account = {key: options[key] for key in ("uid", "shell", "full_name", "hidden")}
    account["home"] = _path("home", options["home"])
    for key in ("shell", "full_name"):
        if account[key] is not None and (not account[key] or _CONTROL.search(account[key]) or ":" in account[key]):
            _refuse(key, "option %r is %r, which no account record takes." % (key, account[key]), "correct it.")
    _path("shell", account["shell"])
    if options["account"] == AS_IS and any(value is not None for value in account.values()):
        given = next(key for key, value in account.items() if value is not None)
        _refuse(given, "option %r is declared, but the account is to be left as it is." % given,
                "set 'account: present', or take %r away." % given)  # fmt: skip
    return Wanted(
        user=name,
        make_account=options["account"] != AS_IS,
        account=account,
        power=_power(options["power"]),
        limits={} if whole is None else dict(zip(limit_names, (whole, one))),
        logs=options["log_rotation"],
        size=options["log_size"] << 20,
        keep=options["log_keep"],
        interval=options["log_interval"],
        log_paths=[_path("logs", path) for path in options["logs"] or []],
        excluded={key: options[key] == "excluded" for key in ("time_machine", "spotlight") if options[key] != AS_IS},
        state_dir=_path("state_dir", options["state_dir"]),
    )


def _power(declared):
    found = {}
    for name, value in (declared or {}).items():
        where = "power.%s" % name
        if not _POWER_NAME.match(str(name)) or name in _POWER_REFUSED:
            _refuse(where, "option %r is refused: %s." % (where, _POWER_REFUSED.get(name, "pmset has no such setting")),
                    "take it away; man pmset lists the settings.")  # fmt: skip
        # YAML has on and off for what pmset calls 1 and 0.
        number = int(value) if isinstance(value, bool) else value
        if isinstance(number, str) and re.match(r"[0-9]{1,5}\Z", number):
            number = int(number)
        if not isinstance(number, int) or not 0 <= number <= _POWER_MOST:
            _refuse(where, "option %r is %r, but must be a number from 0 to %d." % (where, value, _POWER_MOST),
                    "correct it in the task.")  # fmt: skip
        found[name] = number
    return found
