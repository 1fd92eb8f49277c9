# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Checks of a declaration against the host: functions of (declared, observation) that yield refusals."""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.plugin_utils._refusal import refuse

#: What a Gateway writes in its first minutes (databases, control UI assets, logs), with room to breathe. Bytes.
STATE_BYTES = 256 * 1024 * 1024
#: What one npm installation of OpenClaw with its Node takes while it is being put in place. Bytes.
RELEASE_BYTES = 1536 * 1024 * 1024
_MIB = 1024 * 1024


def judge(declared, observation):
    """Run the host checks; a host that is no Mac, or lacks the account, gets that one answer and no echo of it."""
    for gate in GATES:
        found = list(gate(declared, observation))
        if found:
            return found
    return [item for check in OBSERVED for item in check(declared, observation)]


def _section(observation, name):
    return observation.get(name) or {}


def _reachable(declared, observation):
    if observation.get("unreachable"):
        yield refuse(
            "host_unreachable",
            "ansible_host",
            "(no answer)",
            " ".join(str(observation.get("msg") or "unreachable").split()),
            "see whether it is up and whether ssh to it works, then run again.",
        )


def _is_mac(declared, observation):
    platform = _section(observation, "platform")
    if platform.get("system") != "Darwin":
        yield refuse(
            "not_macos",
            "ansible_host",
            platform.get("system"),
            "this host does not run macOS; Gateways here live under launchd.",
            "take the host out of the group this play targets.",
        )


def _account_exists(declared, observation):
    account = _section(observation, "account")
    if not account.get("exists"):
        user = declared.get("gateway_user")
        yield refuse(
            "user_missing",
            "gateway_user",
            user,
            account.get("error") or "no such account on this host.",
            "create it (clawops.openclaw.mac_host does), or set gateway_user to an account that exists.",
        )


def _config_parseable(declared, observation):
    config = _section(observation, "config")
    if config.get("exists") and config.get("parseable") is False:
        where = ""
        if config.get("line"):
            where = " (line %s, column %s)" % (config["line"], config.get("column") or 1)
        yield refuse(
            "config_unparseable",
            "openclaw.json",
            config.get("path"),
            "not JSON5%s: %s" % (where, config.get("problem") or "unreadable."),
            "repair that line, or move the file away to start afresh; a Gateway cannot start with it either.",
        )
    elif config.get("error"):
        yield refuse(
            "config_unreadable",
            "openclaw.json",
            config.get("path"),
            config["error"],
            "look at the file and its directories on the host.",
        )


def _storage_usable(declared, observation):
    storage = _section(observation, "storage")
    needs = [("state", "gateway_state_dir", STATE_BYTES)]
    versions = _section(observation, "release").get("versions") or []
    if declared.get("gateway_install") == "npm" and declared.get("gateway_version") not in versions:
        needs.append(("root", "gateway_root", RELEASE_BYTES))
    for name, key, needed in needs:
        place = storage.get(name) or {}
        path, free = place.get("path"), place.get("free_bytes")
        if place.get("read_only"):
            yield refuse(
                "file_system_read_only",
                key,
                path,
                "lies on a read-only file system (%s)." % place.get("nearest"),
                "remount it read-write, or choose another place.",
            )
        elif place.get("writable") is False:
            yield refuse(
                "state_not_writable",
                key,
                path,
                "user %s cannot write to %s." % (declared.get("gateway_user"), place.get("nearest")),
                "sudo chown -R %s %s" % (declared.get("gateway_user"), place.get("nearest")),
            )
        if free is not None and free < needed and not place.get("read_only"):
            yield refuse(
                "file_system_full",
                key,
                path,
                "only %d MiB free at %s; %d MiB are needed." % (free // _MIB, place.get("nearest"), needed // _MIB),
                "free some space there, or choose another place.",
            )


def _agent_needs_gui(declared, observation):
    gui = _section(observation, "gui")
    if declared.get("gateway_scope") == "agent" and gui.get("present") is False:
        user = declared.get("gateway_user")
        yield refuse(
            "gui_domain_absent",
            "gateway_scope",
            "agent",
            "%s has no GUI login on this host, so launchd has no %s domain." % (user, gui.get("domain") or "gui"),
            "log %s in at the console (or enable automatic login), or use gateway_scope: daemon." % user,
        )


def _label_in_other_scope(declared, observation):
    scope = declared.get("gateway_scope")
    if declared.get("gateway_others") != "refuse":
        return
    for place in _section(observation, "service").get("scopes") or []:
        if place.get("scope") == scope or not (place.get("loaded") or place.get("plists")):
            continue
        other, where = place.get("scope"), ", ".join(place.get("plists") or []) or place.get("target")
        yield refuse(
            "label_in_other_scope",
            "gateway_label",
            declared.get("gateway_label"),
            "already present in scope %s (%s); two supervisors would fight over one Gateway." % (other, where),
            "move it with gateway_others: replace_label, or declare gateway_scope: %s." % other,
        )


def _known(mapping, *keys):
    return tuple(mapping.get(key) or "unknown" for key in keys)


def _port_held(declared, observation):
    port, service = _section(observation, "port"), _section(observation, "service")
    # Other Gateways are going to make room.
    replaced = service.get("others") or [] if declared.get("gateway_others") == "replace" else []
    own = {place["pid"] for place in [*(service.get("scopes") or []), *replaced] if place.get("pid")}
    key, value = "gateway_port", port.get("port")
    holders = port.get("listeners")
    for holder in holders or []:
        if holder.get("elsewhere") or own & {holder.get("pid"), holder.get("ppid")}:
            continue
        yield refuse(
            "port_held",
            key,
            value,
            "held by process %s (%s, user %s), which is not this Gateway." % _known(holder, "pid", "command", "user"),
            "end it (ps -p %s), or choose another gateway_port." % (holder.get("pid") or "PID"),
        )
    if holders is None and port.get("answers") and not own:
        yield refuse(
            "port_held",
            key,
            value,
            "something answers there and this Gateway's job is not running.",
            "find it with: sudo lsof -nP -iTCP:%s -sTCP:LISTEN" % value,
        )


#: The first of these to refuse is the whole answer.
GATES = (_reachable, _is_mac, _account_exists)
#: Checks of (declared, observation).
OBSERVED = (_config_parseable, _storage_usable, _agent_needs_gui, _label_in_other_scope, _port_held)
