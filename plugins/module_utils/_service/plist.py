# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""From what an operator declares to the dictionary that belongs into the property list, refusing what cannot work."""

from __future__ import annotations

import os
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service.secretive import (
    SECRET_OPTIONS,
    is_secret_name,
    is_secret_value,
)

THROTTLE_FLOOR, THROTTLE_CEILING = 5, 3600

#: Throttle intervals (s) that deserve more than "outside the range", and one inside it that is refused all the same.
THROTTLE_REFUSALS = {
    0: "launchd ignores 0 and falls back to 10, so the file would say one thing and the job do another",
    1: "OpenClaw once installed 1 itself and takes it for a stale installation to be rewritten, and a Gateway that"
    " cannot start would be spawned every second",
    60: "OpenClaw once installed 60 itself and takes it for a stale installation to be rewritten, not for a choice",
}

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

PROCESS_TYPES = ("Interactive", "Standard", "Adaptive", "Background")
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


def _refuse(code, message, hint, **details):
    raise Failure(code, message, "input", hint, **details)


def whole_number(key, value, lowest, highest, code="value_refused"):
    """Return C(value) as int.

    :param key: option name for the message.
    :param value: int, or text of digits as templates produce it. A boolean is neither.
    :raises Failure: C(code) outside C(lowest)..C(highest) or not a whole number.
    """
    number = value
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value.strip()):
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int):
        _refuse(code, "%s is %r, which is no whole number." % (key, value), "set %s to a whole number." % key, key=key)
    if not lowest <= number <= highest:
        _refuse(
            code,
            "%s is %d, outside %d to %d." % (key, number, lowest, highest),
            "set %s to a number from %d to %d." % (key, lowest, highest),
            key=key,
        )
    return number


def throttle_interval(value):
    """Return the ThrottleInterval in seconds.

    :raises Failure: C(throttle_interval_refused), with the reason.
    """
    hint = "set throttle_interval to a number of seconds from %d to %d other than 60; 30 suits a Gateway." % (
        THROTTLE_FLOOR,
        THROTTLE_CEILING,
    )
    try:
        seconds = whole_number("throttle_interval", value, -(10**9), 10**9)
    except Failure as failure:
        raise Failure("throttle_interval_refused", failure.message, "input", hint, key="throttle_interval") from None
    reason = THROTTLE_REFUSALS.get(seconds)
    if reason is None and not THROTTLE_FLOOR <= seconds <= THROTTLE_CEILING:
        reason = "the allowed range is %d to %d seconds" % (THROTTLE_FLOOR, THROTTLE_CEILING)
    if reason is not None:
        _refuse(
            "throttle_interval_refused",
            "throttle_interval %d is refused: %s." % (seconds, reason),
            hint,
            key="throttle_interval",
        )
    return seconds


def umask(value):
    """Return the umask, given as octal digits, as the integer that a property list wants (C("077") is 63).

    :raises Failure: C(value_refused).
    """
    if isinstance(value, str) and re.fullmatch(r"0?[0-7]{1,3}", value):
        return int(value, 8)
    return _refuse("value_refused", "umask is %r, not octal digits." % (value,), 'quote it: umask: "077".', key="umask")


def label(value):
    """Return the launchd label.

    :raises Failure: C(value_refused) for what launchd or a file name cannot carry.
    """
    if not _LABEL.fullmatch(value):
        _refuse(
            "value_refused",
            "label is %r; a label is letters, digits, dots, hyphens and underscores." % value,
            "use a label such as ai.openclaw.gateway.",
            key="label",
        )
    return value


def absolute_path(key, value):
    """Return C(value) when launchd can use it as it stands.

    :raises Failure: C(value_refused): launchd expands neither C(~) nor variables.
    """
    if not os.path.isabs(value) or _CONTROL.search(value):
        _refuse(
            "value_refused",
            "%s is %r; launchd needs an absolute path and expands neither ~ nor variables." % (key, value),
            "give the whole path from /.",
            key=key,
        )
    return value


def program_arguments(values):
    """Return the command as a list of str.

    :raises Failure: C(value_refused); C(secret_in_arguments) as every account of a host can read a process's arguments.
    """
    words = [value if isinstance(value, str) else str(value) for value in values]
    if not words:
        _refuse(
            "value_refused",
            "program_arguments is empty.",
            "give the program's absolute path first.",
            key="program_arguments",
        )
    absolute_path("program_arguments[0]", words[0])
    for position, word in enumerate(words):
        key = "program_arguments[%d]" % position
        if _CONTROL.search(word):
            _refuse("value_refused", "%s holds a control character." % key, "remove it.", key=key)
        if word.split("=", 1)[0] in SECRET_OPTIONS or is_secret_value(word):
            _refuse(
                "secret_in_arguments",
                "%s passes a secret on the command line, where every account of the host can read it." % key,
                "leave it out; openclaw_token puts the token into openclaw.json (0600), where the Gateway finds it.",
                key=key,
            )
    return words


def secrets_in_arguments(values):
    """Return the texts of a command that are, or look like, secrets: to be hidden, as it is about to be refused."""
    words = [str(value) for value in values]
    found = {word for word in words if is_secret_value(word)}
    for word, following in zip(words, words[1:] + [""]):
        option, dummy, value = word.partition("=")
        if option in SECRET_OPTIONS:
            found.add(value or following)
    return {text for text in found if text}


def environment(declared):
    """Return the declared environment as {str: str}.

    :raises Failure: C(value_refused); C(secret_in_environment). They name variables, never values.
    """
    pairs = {}
    for name, value in declared.items():
        key = "environment.%s" % name
        if not isinstance(name, str) or not _ENVIRONMENT_NAME.fullmatch(name):
            _refuse("value_refused", "%s is no name of an environment variable." % key, "rename it.", key=key)
        if value is None or isinstance(value, (bool, dict, list)):
            _refuse("value_refused", "%s is not text." % key, "quote the text that the Gateway shall see.", key=key)
        text = str(value)
        if is_secret_name(name) or is_secret_value(text):
            _refuse(
                "secret_in_environment",
                "%s carries a secret, and every account of the host can read the property list." % key,
                "remove it; openclaw_token puts the Gateway token into openclaw.json, others belong into 0600 files.",
                key=key,
            )
        if _CONTROL.search(text):
            _refuse("value_refused", "%s holds a control character." % key, "remove it.", key=key)
        pairs[name] = text
    return pairs


def default_environment(user, home, program, state_dir):
    """Return the environment every Gateway job gets, before what is declared.

    launchd hands a job of another user neither a dependable HOME nor a useful PATH, and reads no shell profile.

    :param user: account name.
    :param home: its home directory.
    :param program: absolute path of the program, whose directory leads PATH.
    :param state_dir: OpenClaw state directory; named only when it is not the account's C(.openclaw), because OpenClaw
        takes any value, the default too, for a sign of an unusual set-up.
    """
    places = [os.path.dirname(program)] + SYSTEM_PATH.split(":")
    pairs = {
        "HOME": home,
        "USER": user,
        "LOGNAME": user,
        "PATH": ":".join(dict.fromkeys(places)),
        # Keep OpenClaw's own install, restart, update and doctor away from a job that this collection owns.
        "OPENCLAW_SUPERVISOR_MODE": "external",
        "OPENCLAW_SERVICE_REPAIR_POLICY": "external",
        # Under an external supervisor OpenClaw answers a change that needs a restart by exiting 0, which leaves it to
        # the respawn throttle when it is back. With this it restarts inside its process: same pid, about a second.
        "OPENCLAW_NO_RESPAWN": "1",
    }
    if os.path.normpath(state_dir) != os.path.join(home, ".openclaw"):
        pairs["OPENCLAW_STATE_DIR"] = state_dir
    return pairs


def definition(declared, account_name, home, state_dir, username_key):
    """Build the dictionary of the property list.

    :param declared: option names to values: label, program_arguments, working_directory, environment,
        throttle_interval (s), exit_timeout (s), log_path, soft_file_limit, hard_file_limit, umask, process_type.
    :param username_key: {} or {"UserName": ...}; only a job of the system domain may name a user.
    :raises Failure: C(value_refused), C(throttle_interval_refused), C(secret_in_environment), C(secret_in_arguments).
    """
    arguments = program_arguments(declared["program_arguments"])
    soft = whole_number("soft_file_limit", declared["soft_file_limit"], 256, 1048576)
    hard = whole_number("hard_file_limit", declared["hard_file_limit"], 256, 1048576)
    if soft > hard:
        _refuse(
            "value_refused",
            "soft_file_limit %d is above hard_file_limit %d." % (soft, hard),
            "raise hard_file_limit.",
            key="soft_file_limit",
        )
    log = absolute_path("log_path", declared["log_path"])
    pairs = default_environment(account_name, home, arguments[0], state_dir)
    pairs.update(environment(declared["environment"]))
    return dict(
        username_key,
        Label=label(declared["label"]),
        ProgramArguments=arguments,
        RunAtLoad=True,
        # Plain true: with SuccessfulExit a Gateway that somebody ended with SIGTERM (exit 0) would stay down for good.
        KeepAlive=True,
        ThrottleInterval=throttle_interval(declared["throttle_interval"]),
        # 0 would mean that launchd waits for ever.
        ExitTimeOut=whole_number("exit_timeout", declared["exit_timeout"], 1, 600),
        ProcessType=declared["process_type"],
        Umask=umask(declared["umask"]),
        WorkingDirectory=absolute_path("working_directory", declared["working_directory"]),
        StandardInPath="/dev/null",
        StandardOutPath=log,
        StandardErrorPath=log,
        EnvironmentVariables=pairs,
        SoftResourceLimits={"NumberOfFiles": soft},
        HardResourceLimits={"NumberOfFiles": hard},
    )
