# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What a person should know of a Mac and nothing here changes, with what speaks for and against. Pure."""

from __future__ import annotations


def _remark(code, message, hint):
    return {"code": code, "message": message, "hint": hint}


def remarks(facts, user, scope, absent):
    """Return remarks, as C({code, message, hint}), those that keep a Gateway from coming back first.

    :param facts: C(Seen.facts). :param scope: of the Gateway. :param absent: power settings this machine does not have.
    """
    found = [*_filevault(facts["filevault"]), *_login(facts, user, scope), *_others(facts, user)]
    if absent:
        found.append(_remark(
            "power_setting_absent",
            "This machine has no power setting %s, so it was not set."
            % ", ".join(absent),
            "take it out of the declaration of this host: pmset -g custom lists what there is.",
        ))  # fmt: skip
    return found


def _filevault(is_on):
    found = []
    if is_on is None:
        found.append(_remark(
            "filevault_unknown",
            "Whether FileVault is on cannot be told, so neither can whether this Mac comes back by itself.",
            "look as root: sudo fdesetup status",
        ))  # fmt: skip
    elif is_on:
        found.append(_remark(
            "filevault_on",
            "FileVault is on: whoever takes this Mac away reads nothing, but after a power cut it waits for a "
            "password before anything starts, a daemon too.",
            "have somebody at hand who can unlock it, at the screen, or from macOS 26 on with the password "
            "over SSH; restart on purpose with: sudo fdesetup authrestart",
        ))  # fmt: skip
    else:
        found.append(_remark(
            "filevault_off",
            "FileVault is off: this Mac comes back by itself after a power cut, but whoever takes it away has "
            "what is on its disk, the token of the Gateway too.",
            "lock the room it is in; or switch FileVault on and have somebody at hand after each power cut.",
        ))  # fmt: skip
    return found


def _login(facts, user, scope):
    found, automatic, who = [], facts["auto_login"], facts["auto_login_user"]
    if automatic:
        found.append(_remark(
            "auto_login_on",
            "%s logs in by itself: its agents start after a boot, but whoever stands before the screen is %s, "
            "and root can read its password in /etc/kcpassword."
            % (who, who),
            "with scope daemon nothing of the Gateway needs that; then switch it off: sudo sysadminctl "
            "-autologin off",
        ))  # fmt: skip
    if scope == "agent" and (facts["filevault"] or automatic is False or who not in (None, user)):
        reason = "FileVault rules that out" if facts["filevault"] else "%s does" % (who if automatic else "nobody")
        found.append(_remark(
            "agent_without_login",
            "The Gateway is an agent and starts when %s logs in, which it does not do by itself: %s."
            % (user, reason),
            "use scope daemon; or decide, as a person, for automatic login and against FileVault.",
        ))  # fmt: skip
    return found


def _others(facts, user):
    found = []
    if facts["administrator"]:
        found.append(_remark(
            "account_is_admin",
            "%s is an administrator, and so is whatever its Gateway runs."
            % user,
            "take it out of the group: sudo dseditgroup -o edit -d %s -t user admin"
            % user,
        ))  # fmt: skip
    for entry in facts["newsyslog"]:
        found.append(_remark(
            "newsyslog_renames",
            "%(path)s line %(line)d has newsyslog rename %(log)s. The Gateway goes on writing to the renamed "
            "file until it is started again, and what newsyslog compresses or deletes meanwhile is lost."
            % entry,
            "take that line out; log_rotation keeps that log short without a restart.",
        ))  # fmt: skip
    if facts["firewall"]:
        found.append(_remark(
            "firewall_on",
            "The application firewall is on (state %d). It does not touch connections over loopback; others "
            "it can refuse to a Node that is not signed, or that an upgrade has moved, without a word in the "
            "log of the Gateway."
            % facts["firewall"],
            "leave the Gateway on loopback and reach it over SSH or Tailscale; what is let in: sudo "
            "/usr/libexec/ApplicationFirewall/socketfilterfw --listapps",
        ))  # fmt: skip
    return found
