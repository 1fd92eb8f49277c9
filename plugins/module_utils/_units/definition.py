# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what an operator declares to the unit that says it, refusing what cannot work. Pure."""

from __future__ import annotations

import json
import os

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import compare, plist
from ansible_collections.clawops.openclaw.plugins.module_utils._units import grammar

#: The variable by which a process tells which definition it was started with, C(DIGEST.GENERATION). systemd itself does
#: not tell, and a Gateway writes over its own arguments. Whoever edits the unit by hand leaves the digest as it is, so
#: putting that back takes another generation.
STAMP = "CLAWOPS_DEFINITION"

#: systemd counts starts, launchd measures between two: so many starts within as many intervals is the same pace.
BURST = 10
#: Seconds from the end of a process to the next start, OpenClaw's own choice.
RESTART_SECONDS = 5
#: A Gateway that ends with it will not start before its configuration is repaired.
NOT_AGAIN = 78

#: What takes effect by starting the process anew; everything else, when systemd reads the unit.
OF_PROCESS = (
    "Type", "ExecStart", "Environment", "WorkingDirectory", "UMask", "LimitNOFILE", "StandardOutput", "StandardError",
)  # fmt: skip

#: Options that mean something to launchd alone, with the value that they have when nobody sets them.
OF_LAUNCHD = {
    "process_type": "Interactive", "launch_daemons_dir": "/Library/LaunchDaemons", "launch_agents_dir": None,
    "others": "refuse", "cooldown": 10, "jitter": 0, "sample": 2, "records_dir": None,
}  # fmt: skip


def refuse_options_of_launchd(params):
    """Refuse options that systemd has no meaning for, where somebody set them.

    :raises Failure: C(value_refused).
    """
    for name, unset in OF_LAUNCHD.items():
        if params[name] != unset:
            raise Failure(
                "value_refused",
                "%s is %s, and that is launchd's alone: systemd has nothing like it." % (name, params[name]),
                "input",
                "leave %s out for hosts that run systemd." % name,
                key=name,
            )


def default_log(home):
    """Return where the log lies when nothing else is declared."""
    return os.path.join(home, ".local", "state", "openclaw", "gateway.log")


def definition(declared, account_name, home, state_dir):
    """Build what the unit shall say, with the very rules and refusals of a property list.

    :param declared: option names to values, as for :func:`plist.definition`.
    :return: dictionary key -> value: str, int, list of str (ExecStart), dict (Environment).
    :raises Failure: C(value_refused), C(throttle_interval_refused), C(secret_in_environment), C(secret_in_arguments).
    """
    said = plist.definition(declared, account_name, home, state_dir, {})
    for name in ("working_directory", "log_path"):
        if declared[name] != declared[name].strip() or declared[name].endswith("\\"):
            raise Failure(
                "value_refused",
                "%s is %r, and a unit file cannot say a path with such an end." % (name, declared[name]),
                "input",
                "rename the directory or file.",
                key=name,
            )
    log = "append:" + said["StandardOutPath"]
    made = {
        "Description": "OpenClaw Gateway (%s)" % said["Label"],
        "StartLimitIntervalSec": BURST * said["ThrottleInterval"],
        "StartLimitBurst": BURST,
        # Started is what has been executed, not what has been forked.
        "Type": "exec",
        "ExecStart": said["ProgramArguments"],
        "Environment": dict(said["EnvironmentVariables"]),
        "WorkingDirectory": said["WorkingDirectory"],
        "Restart": "always",
        "RestartSec": RESTART_SECONDS,
        "RestartPreventExitStatus": NOT_AGAIN,
        "TimeoutStopSec": said["ExitTimeOut"],
        # The Gateway ends its children itself; what it leaves behind is killed.
        "KillMode": "mixed",
        "LimitNOFILE": (
            said["SoftResourceLimits"]["NumberOfFiles"], said["HardResourceLimits"]["NumberOfFiles"]
        ),
        "UMask": said["Umask"],
        "StandardOutput": log,
        "StandardError": log,
        "WantedBy": "default.target",
    }  # fmt: skip
    digest = compare.fingerprint(json.dumps({key: made[key] for key in OF_PROCESS}, sort_keys=True))
    made["Environment"][STAMP] = digest + ".1"
    return made


def stamp(made):
    """Return what a process started with this definition carries."""
    return made["Environment"][STAMP]


def stamp_in(said):
    """Return what a process started from a unit file carries, or C(None).

    :param said: as of :func:`grammar.parse`, or C(None).
    """
    for value in (said or {}).get("Service.Environment", []):
        for word in grammar.words(value):
            name, dummy, text = word.partition("=")
            if name == STAMP:
                return text
    return None


def stamped(made, text):
    """Return the definition with the generation of a stamp, where that is one of the same definition."""
    digest, generation = (text or "").rpartition(".")[::2]
    if digest != stamp(made).rpartition(".")[0] or not generation.isdigit():
        return made
    return dict(made, Environment=dict(made["Environment"], **{STAMP: text}))


def succeeding(made):
    """Return the definition in its next generation."""
    digest, generation = stamp(made).rpartition(".")[::2]
    return stamped(made, "%s.%d" % (digest, int(generation) + 1))


def render(made):
    """Return the text of the unit."""
    plain = {
        "ExecStart": " ".join(grammar.argument(word) for word in made["ExecStart"]),
        "WorkingDirectory": grammar.path(made["WorkingDirectory"]),
        "LimitNOFILE": "%d:%d" % made["LimitNOFILE"],
        "UMask": "%04o" % made["UMask"],
        "StandardOutput": grammar.path(made["StandardOutput"]),
        "StandardError": grammar.path(made["StandardError"]),
        "Description": grammar.path(made["Description"]),
    }
    variables = [
        ("Environment", grammar.quoted("%s=%s" % pair)) for pair in sorted(made["Environment"].items())
    ]  # fmt: skip

    def pairs(*keys):
        return [(key, plain.get(key, made[key])) for key in keys]

    return grammar.render([
        ("Unit", pairs("Description", "StartLimitIntervalSec", "StartLimitBurst")),
        ("Service", pairs(
            "Type", "ExecStart", "WorkingDirectory", "Restart", "RestartSec", "RestartPreventExitStatus",
            "TimeoutStopSec", "KillMode", "LimitNOFILE", "UMask", "StandardOutput", "StandardError",
        ) + variables),
        ("Install", pairs("WantedBy")),
    ])  # fmt: skip


def _masked(key, value):
    found = grammar.words(value)
    if key.endswith(".Environment"):
        pairs = [word.partition("=") for word in found]
        return " ".join(name + equals + compare.masked(text, name) for name, equals, text in pairs)
    if ".Exec" in key:
        return " ".join(compare.masked(found, "ProgramArguments"))
    return value


def described(said):
    """Return what a unit file says as sorted lines C(key: value) for a diff, secrets masked; of C(None), nothing.

    :param said: as of :func:`grammar.parse`.
    """
    return "".join(
        "%s: %s\n" % (key, line)
        for key, values in sorted((said or {}).items())
        for line in sorted(_masked(key, value) for value in values)
    )
