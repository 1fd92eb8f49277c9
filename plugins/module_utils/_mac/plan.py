# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what is declared and what was read to the least that has to be done. Pure."""

from __future__ import annotations

import os
from typing import NamedTuple

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions, headless
from ansible_collections.clawops.openclaw.plugins.module_utils._mac.seen import DSCL, MARKER, TMUTIL, Account
from ansible_collections.clawops.openclaw.plugins.module_utils._mac.wanted import FIRST_UID, STAFF

SHELL, FULL_NAME = "/bin/zsh", "OpenClaw Gateway"
#: Settings of which a machine has the one or the other.
_TWINS = {"lowpowermode": "powermode", "powermode": "lowpowermode"}


class Change(NamedTuple):
    """What differs: of which part, what, from what to what. The first three are texts for people too."""

    part: str
    name: str
    before: str
    after: str


class Deed(NamedTuple):
    """Something to do: C(command) with its words, C(account) with those after which the account must be there, or
    C(directory), C(marker), C(unmark) with a path."""

    kind: str
    words: tuple


class Plan(NamedTuple):
    """:ivar changes: list of :class:`Change`. :ivar deeds: list of :class:`Deed`, in order. :ivar absent: settings of
    power that this machine does not have."""

    changes: list
    deeds: list
    absent: list


def account_to_be(wanted, there, taken, owner):
    """Return the account as it is, or as it will be created.

    :param there: :class:`Account` or None. :param taken: numbers of all accounts.
    :param owner: function of a path to the number of whose that directory is, None where there is none.
    :raises Failure: C(user_missing), C(account_differs).
    """
    declared = wanted.account
    if there is not None:
        for key in ("uid", "home"):
            if declared[key] is not None and declared[key] != getattr(there, key):
                raise Failure(
                    "account_differs",
                    "account %s has %s %s, and %s is declared; what belongs to it would be lost to it."
                    % (wanted.user, key, getattr(there, key), declared[key]),
                    "input",
                    "declare what it has, or another account.",
                    user=wanted.user,
                )
        return there
    if not wanted.make_account:
        raise Failure(
            "user_missing",
            "user %r does not exist on this host." % wanted.user,
            "host",
            "set 'account: present' to have it created, or set 'user' to one that exists.",
            user=wanted.user,
        )
    home = declared["home"] or os.path.join("/Users", wanted.user)
    held = owner(home)
    uid = declared["uid"] or _free(taken, held)
    if uid in taken or (held is not None and held != uid):
        raise Failure(
            "account_differs",
            "account %s cannot have uid %d: %s."
            % (wanted.user, uid, "another account has it" if uid in taken else "%s belongs to uid %d" % (home, held)),
            "input",
            "declare another 'uid', or move %s away (ls -lden %s)." % (home, home),
            user=wanted.user,
        )
    shell, full_name = declared["shell"] or SHELL, declared["full_name"] or FULL_NAME
    return Account(wanted.user, uid, STAFF, home, shell, full_name, declared["hidden"] is not False)


def _free(taken, held):
    """Return a number for a new account: that of whoever left the home directory behind, else the first free one."""
    if held is not None and held > 500 and held not in taken:
        return held
    return next(number for number in range(FIRST_UID, FIRST_UID + len(taken) + 1) if number not in taken)


def plan(wanted, seen, who, state_dir):
    """Return the :class:`Plan`.

    :param who: :class:`Account` as it is or will be. :param state_dir: of the Gateway.
    :raises Failure: C(setting_unknown): something declared could not be read, so nothing is known to differ.
    """
    changes, deeds = _account(wanted, seen, who)
    absent = []
    for part in (_power, _limits, _excluded):
        found = part(wanted, seen, state_dir)
        changes += found[0]
        deeds += found[1]
        absent += found[2]
    return Plan(changes, deeds, absent)


def _unknown(what, command, option):
    return Failure(
        "setting_unknown",
        "%s cannot be told, because %s gives no answer that makes sense." % (what, command),
        "host",
        "run it as root on the host (sudo %s), or take %r out of the task." % (command, option),
        option=option,
    )


def _account(wanted, seen, who):
    record = "/Users/" + who.name
    changes, deeds = [], []
    if seen.account is None:
        text = "uid %d, gid %d, home %s, shell %s, name %s%s, no password" % (
            who.uid, who.gid, who.home, who.shell, who.full_name, ", hidden" if who.hidden else "")  # fmt: skip
        changes.append(Change("account", who.name, "absent", text))
        # The number comes last: without it nobody sees the account, so one that was cut off is begun anew.
        for pair in ((), ("RealName", who.full_name), ("UserShell", who.shell), ("NFSHomeDirectory", who.home),
                     ("PrimaryGroupID", str(who.gid)), ("IsHidden", str(int(who.hidden))),
                     # No password fits this, so nobody logs in with one.
                     ("Password", "*")):  # fmt: skip
            deeds.append(Deed("command", (DSCL, ".", "-create", record, *pair)))
        deeds.append(Deed("account", (DSCL, ".", "-create", record, "UniqueID", str(who.uid))))
    else:
        for key, attribute in (("shell", "UserShell"), ("full_name", "RealName"), ("hidden", "IsHidden")):
            declared, is_now = wanted.account[key], getattr(who, key)
            if declared is None or declared == is_now:
                continue
            if is_now is None:
                raise _unknown("whether %s is hidden" % who.name, "dscl . -read %s IsHidden" % record, key)
            changes.append(Change("account", "%s of %s" % (key, who.name), _text(is_now), _text(declared)))
            value = str(int(declared)) if isinstance(declared, bool) else declared
            deeds.append(Deed("command", (DSCL, ".", "-create", record, attribute, value)))
    if wanted.make_account:
        for path in seen.lacks["home"]:
            changes.append(Change("account", path, "absent", "directory 0700 of %s" % who.name))
            deeds.append(Deed("directory", (path,)))
    return changes, deeds


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _power(wanted, seen, _state_dir):
    changes, words, absent = [], [], []
    if wanted.power and not seen.power:
        raise _unknown("the power settings", headless.PMSET + " -g custom", "power")
    for name, number in wanted.power.items():
        known = name if name in seen.power else _TWINS.get(name)
        if known not in seen.power:
            absent.append(name)
        elif seen.power[known] != number:
            changes.append(Change("power", known, str(seen.power[known]), str(number)))
            words += [known, str(number)]
    return changes, [Deed("command", (headless.PMSET, "-a", *words))] if words else [], absent


def too_low(wanted, seen):
    """Return the limits of the kernel that are lower than declared, as name -> declared number."""
    floors = {name: number for name, number in wanted.limits.items() if number}
    if floors and seen.limits is None:
        asked = "%s -n %s" % (companions.SYSCTL, " ".join(floors))
        raise _unknown("the kernel's limits on open files", asked, "max_files")
    return {name: number for name, number in floors.items() if seen.limits[name] < number}


def _limits(wanted, seen, _state_dir):
    low = too_low(wanted, seen)
    changes = [Change("limits", name, str(seen.limits[name]), str(number)) for name, number in low.items()]
    words = ["%s=%d" % pair for pair in low.items()]
    return changes, [Deed("command", (companions.SYSCTL, *words))] if words else [], []


def _excluded(wanted, seen, state_dir):
    changes, deeds = [], []
    for part, shall in wanted.excluded.items():
        if seen.excluded[part] is None:
            asked = "%s isexcluded %s" % (TMUTIL, state_dir)
            raise _unknown("whether Time Machine leaves %s out" % state_dir, asked, part)
        if seen.excluded[part] == shall:
            continue
        before, after = ("included", "excluded") if shall else ("excluded", "included")
        changes.append(Change(part, state_dir, before, after))
        if part == "spotlight":
            deeds.append(Deed("marker" if shall else "unmark", (os.path.join(state_dir, MARKER),)))
        else:
            deeds.append(Deed("command", (TMUTIL, "addexclusion" if shall else "removeexclusion", state_dir)))
    if changes and seen.lacks["state"]:
        # What is not there cannot be excluded.
        missing = [path for path in seen.lacks["state"] if path not in seen.lacks["home"]]
        changes = [Change("state", path, "absent", "directory 0700") for path in missing] + changes
        deeds = [Deed("directory", (path,)) for path in missing] + deeds
    return changes, deeds, []


def diff(changes):
    """Return the changes as Ansible shows them: one piece for each part."""
    pieces = []
    for part in dict.fromkeys(change.part for change in changes):
        own = [change for change in changes if change.part == part]
        pieces.append({
            "before_header": part, "after_header": part,
            "before": "".join("%s: %s\n" % (change.name, change.before) for change in own),
            "after": "".join("%s: %s\n" % (change.name, change.after) for change in own),
        })  # fmt: skip
    return pieces
