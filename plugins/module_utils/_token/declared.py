# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From the options of a module to what a :class:`task.Task` says."""

from __future__ import annotations

import os
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import survey
from ansible_collections.clawops.openclaw.plugins.module_utils._token import choice, deliver, keychain, layout, task

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{12}\Z")


def seconds_of(text):
    """Return an age like C(90d) in seconds. :raises Failure: C(option_invalid)."""
    match = re.match(r"([0-9]+)([smhdw]?)\Z", text)
    if not match:
        raise Failure(
            "option_invalid",
            "option 'max_age' is %r, which is no number of seconds and no number with a unit." % text,
            "input",
            "write it like 90d (s, m, h, d, w).",
            option="max_age",
        )
    return int(match.group(1)) * _UNITS[match.group(2)]


def task_of(options, find_account):
    """Return the :class:`task.Task` of module options.

    :param find_account: function of the name of an account to the account, as C(_module.Account.named).
    :raises Failure: C(option_invalid), C(user_missing).
    """
    account = find_account(options["user"])
    state_dir = account.state_dir(options["state_dir"])
    for name, mark in [("fingerprint", options["fingerprint"])] + [
        ("consumers", consumer["fingerprint"]) for consumer in options["consumers"]
    ]:
        _require_fingerprint(name, mark)
    return task.Task(
        wish=_wish(options),
        target=converge.Target(account, state_dir, options["path"] or os.path.join(state_dir, "openclaw.json")),
        source=options["source"],
        sites=layout.Sites(
            dotenv=os.path.join(state_dir, ".env"),
            secret_file=options["secret_file"] or os.path.join(state_dir, "secrets", "gateway.json"),
            program=os.path.join(state_dir, "bin", "gateway-token"),
            item=layout.Item(options["label"], account.name, options["keychain"], account),
        ),
        others=options["others"],
        old_copies=options["old_copies"],
        deliveries=[_delivery(wish, account, find_account) for wish in options["deliver_to"]],
        consumers=options["consumers"],
        places=survey.Places(
            account,
            state_dir,
            options["label"],
            options["launch_daemons_dir"],
            options["launch_agents_dir"] or os.path.join(account.home, "Library/LaunchAgents"),
            options["launchctl"],
            tuple(map(find_account, options["operators"])),
        ),
    )


def _wish(options):
    return choice.Wish(
        options["state"],
        options["value"],
        1 if options["allow_short"] else options["min_length"],
        options["when"],
        None if options["max_age"] is None else seconds_of(options["max_age"]),
        options["fingerprint"],
        options["generate"],
    )


def _delivery(wish, account, find_account):
    owner = find_account(wish["owner"]) if wish["owner"] else account
    if wish["path"]:
        return deliver.to_file(wish["path"], owner, wish["mode"])
    return deliver.to_keychain(
        layout.Item(wish["keychain_service"], owner.name, wish["keychain"] or keychain.SYSTEM, owner)
    )


def _require_fingerprint(option, mark):
    if mark is not None and not _FINGERPRINT.match(mark):
        raise Failure(
            "option_invalid",
            "a fingerprint in '%s' is no sha256: and twelve hexadecimal digits." % option,
            "input",
            "copy it from what this module returned, or make it on the other side: "
            "printf %s TOKEN | shasum -a 256 | cut -c 1-12",
            option=option,
        )
