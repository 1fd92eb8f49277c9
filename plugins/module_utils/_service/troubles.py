# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What can be wrong with a job when nothing more can be done about it: code, cause, next command. Pure.

Each is a function that returns a :class:`Failure`, or a row of a table. Which of them it is, is read off what launchd
shows of the job, because the exit codes of launchctl do not tell.
"""

from __future__ import annotations

from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import outcomes

#: Where launchd says why it refuses something, which launchctl does not pass on.
SYSTEM_LOG = (
    "sudo log show --last 5m --info --style compact "
    '--predicate \'process == "launchd" OR process == "xpcproxy"\''
)

#: Refusals of bootstrap that no repetition cures: code, what it means, what to do.
TERMINAL = {
    outcomes.BAD_OWNER_OR_MODE: (
        "plist_refused",
        "launchd refuses its owner or mode",
        "check each directory above it: no group or other write, owned by root (an agent's: by its account).",
    ),
    outcomes.BAD_DEFINITION: (
        "plist_refused",
        "launchd cannot use the definition",
        "run plutil -lint on it on the host.",
    ),
    outcomes.NO_PLIST: ("plist_refused", "launchd does not find the file", "check that nothing else removes it."),
    outcomes.WRONG_SESSION: (
        "session_refused",
        "the definition asks for another kind of session",
        "remove LimitLoadToSessionType, or use scope: daemon.",
    ),
    outcomes.MISUSED: (
        "launchctl_misused",
        "launchctl did not understand the call",
        "report this as a defect of the collection.",
    ),
    outcomes.FAILED: ("bootstrap_failed", "launchd refuses to load it", None),
    # Of a domain that does exist: the file lies where launchd does not load from.
    outcomes.DOMAIN_ABSENT: (
        "plist_refused",
        "launchd does not load from there",
        "keep the property list in a directory of launchd on the system volume.",
    ),
    # After it has been enabled: something puts the override back as fast as we take it away.
    outcomes.DISABLED: (
        "label_disabled",
        "its label is disabled, and was so again right after it had been enabled",
        "switch it on in System Settings, General, Login Items & Extensions, or have the profile of the MDM changed.",
    ),
}


def gui_domain_absent(target):
    """Return the :class:`Failure` for an agent of an account that is not logged in at the screen."""
    return Failure(
        "gui_domain_absent",
        "the launchd domain %s does not exist: the account has no GUI login here, so it can have no LaunchAgent."
        % target.domain,
        "service",
        "log the account in at the screen (or set up automatic login), or use scope: daemon, which needs no login.",
        domain=target.domain,
    )


def will_not_end(service, loaded, seconds):
    """Return the :class:`Failure` for a job whose label stays taken.

    :param loaded: :class:`print_grammar.Loaded`. :param seconds: that were waited.
    """
    return Failure(
        "job_will_not_end",
        "%s (pid %s) is still there %d s after it was told to end; launchd keeps the label until it is gone."
        % (service, loaded.pid, seconds),
        "service",
        "look at the process (ps -o pid,stat,etime,command -p %s), end it, then run again." % loaded.pid,
        target=service,
        pid=loaded.pid,
    )


def refused(target, outcome, code, meaning, hint):
    """Return the :class:`Failure` for a property list that launchd does not load.

    :param outcome: :class:`outcomes.Outcome` of bootstrap. :param hint: C(None) where only the system log knows.
    """
    return Failure(
        code,
        "%s cannot be loaded into %s: %s (launchctl bootstrap: %s)."
        % (target.plist, target.domain, meaning, outcome.complaint()),
        "service",
        hint or "ask the system log for the true reason: " + SYSTEM_LOG,
        target=target.service,
        path=target.plist,
        rc=outcome.rc,
    )


def not_loaded(target):
    """Return the :class:`Failure` for a bootstrap that was accepted and came to nothing."""
    return Failure(
        "job_not_loaded",
        "launchd accepted %s but does not have %s." % (target.plist, target.service),
        "service",
        "check System Settings, Login Items & Extensions, and: sudo sfltool dumpbtm",
        target=target.service,
    )


def differs(target, keys):
    """Return the :class:`Failure` for a job that was loaded otherwise than its property list says."""
    return Failure(
        "loaded_definition_differs",
        "launchd has loaded %s otherwise than %s says, in: %s." % (target.service, target.plist, ", ".join(keys)),
        "service",
        "compare: launchctl print %s ; plutil -p %s" % (target.service, target.plist),
        target=target.service,
        keys=keys,
    )


def not_running(target, loaded, what, log):
    """Return the :class:`Failure` for a job without a process, by what launchd shows of it.

    :param loaded: :class:`print_grammar.Loaded`, or C(None). :param what: that was waited for in vain.
    :param log: path of the job's log.
    """
    print_it = "sudo launchctl print %s" % target.service
    code, meaning, hint = "job_not_running", what, "%s ; tail -50 %s" % (print_it, log)
    if _is_refused_spawn(loaded):
        return spawn_refused(target, loaded)
    if loaded is not None and loaded.throttled:
        code = "job_throttled"
        meaning = "it ended too soon %s times, and launchd holds the next start back" % (loaded.runs or "several")
        hint = "read why it ends: tail -50 %s ; %s" % (log, print_it)
    elif loaded is not None and loaded.pended is not None:
        code = "spawn_pended"
        meaning = "launchd has it loaded and puts its start off (%s), even after it was asked to start it" % (
            loaded.pended
        )
        hint = (
            "switch Low Power Mode off (sudo pmset -a lowpowermode 0) and finish the login at the screen, or use "
            "scope: daemon; then: sudo launchctl kickstart %s" % target.service
        )
    elif loaded is not None and loaded.runs and "keepalive" in (loaded.properties or ()):
        code = "job_parked"
        meaning = "launchd is to keep it alive, has started it %d times, and does so no longer" % loaded.runs
        hint = "sudo launchctl kickstart %s ; where that changes nothing, boot it out and run again" % target.service
    return Failure(
        code,
        "%s does not run: %s (state: %s, last exit: %s)."
        % (
            target.service,
            meaning,
            loaded.state if loaded is not None else "not loaded",
            loaded.last_exit if loaded is not None else "unknown",
        ),
        "service",
        hint,
        target=target.service,
    )


def dies(target, loaded, log):
    """Return the :class:`Failure` for a job whose process does not stay.

    :param loaded: :class:`print_grammar.Loaded`, or C(None). :param log: path of its log.
    """
    if _is_refused_spawn(loaded):
        return spawn_refused(target, loaded)
    last_exit = loaded.last_exit if loaded is not None else None
    return Failure(
        "job_dies",
        "%s does not stay up: launchd has spawned it %s times, last exit: %s."
        % (target.service, loaded.runs if loaded is not None else "several", last_exit or "unknown"),
        "service",
        "read why: tail -50 %s" % log,
        target=target.service,
        last_exit=last_exit,
    )


def _is_refused_spawn(loaded):
    return loaded is not None and loaded.pid is None and loaded.job_state == "spawn failed"


def spawn_refused(target, loaded):
    """Return the :class:`Failure` for a job that launchd loads and whose program it never gets to run.

    Program, directory, account and log have been looked at by then. What is left is what macOS forbids.
    """
    return Failure(
        "spawn_refused",
        "launchd has %s and cannot start its program (spawn failed, %s): macOS does not let it run in the background, "
        "or not run at all." % (target.service, loaded.last_exit or "no exit code"),
        "service",
        "see whether it is switched off: sudo sfltool dumpbtm (System Settings, General, Login Items & Extensions); "
        "then: " + SYSTEM_LOG,
        target=target.service,
        last_exit=loaded.last_exit,
    )
