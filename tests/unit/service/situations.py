# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every situation in which launchctl is known to answer in its own way: what it says, and what we make of it.

One row for each: how it comes about, what is asked, the exit code and the words for root (system domain) and for the
account itself (its gui domain) on each macOS, what that means to the collection, and how the module ends that meets it.
"""

import os
import plistlib
from typing import NamedTuple

from hands import DOMAINS, LABEL, harness

ROOT, USER = "root", "user"
SCOPE = {ROOT: "daemon", USER: "agent"}
ALL = (11, 12, 13, 14, 15, 26, 27)
#: Up to 13 root is told the reason; since then it hears what everybody hears.
TOLD, NOT_TOLD = (11, 12, 13), (14, 15, 26, 27)
DONE = "done"
#: What the module is asked for where the collection never makes such a call: nothing. See the test of its calls.
NEVER_ASKED = "never asked"


class Answer(NamedTuple):
    """Who hears it on which releases, the exit code, stderr ({p} file, {t} target, {l} label, {d} domain in words)."""

    callers: tuple
    profiles: tuple
    rc: int
    stderr: str


class Met(NamedTuple):
    """How the module meets the situation.

    :param state: that is asked for.
    :param ends: C(done) or the code of its failure; where root is told the reason or not, a pair (told, not told).
    :param before: verb of launchctl -> deed that happens just before the module calls it.
    :param first: deed before the module starts.
    :param changes: of the definition that is declared.
    """

    state: str
    ends: object
    before: dict = {}
    first: object = None
    changes: dict = {}


class Situation(NamedTuple):
    """A row.

    :param row: the situation, in a few words.
    :param first: deed that brings it about: function of (hands, scope).
    :param ask: words of launchctl, with the fields of :class:`Answer`.
    :param answers: :class:`Answer` for every caller and release.
    :param means: exit code -> kind of _service/outcomes.py, or :data:`NEVER_ASKED`.
    :param met: :class:`Met`, or :data:`NEVER_ASKED`.
    :param callers: whom it can happen to.
    """

    row: str
    first: object
    ask: tuple
    answers: tuple
    means: object
    met: object
    callers: tuple = (ROOT, USER)


# -- deeds -----------------------------------------------------------------------------------------


def nothing(own, scope):
    """A virgin Mac."""


def installed(own, scope, program="steady", data=None, **changes):
    """The property list lies where it belongs, and nothing has loaded it."""
    place = own.place(scope)
    definition = own.definition(scope, program, **dict({"throttle": 5}, **changes))
    with open(place.plist, "wb") as stream:
        stream.write(plistlib.dumps(definition) if data is None else data)
    os.chmod(place.plist, 0o644)
    os.chown(place.plist, *place.owner)


def loaded(own, scope, program="steady", **changes):
    installed(own, scope, program, **changes)
    load(own, scope)


def load(own, scope):
    own.ask(("bootstrap", DOMAINS[scope], own.plist(scope)))


def unload(own, scope):
    own.ask(("bootout", "%s/%s" % (DOMAINS[scope], LABEL)))


def draining(own, scope):
    """Told to end, and at it for long."""
    loaded(own, scope, exit_timeout=600)
    fault("bootout_hang_until_kill")(own, scope)
    unload(own, scope)


def slow_to_go(own, scope):
    """Told to end, and gone after a while."""
    fault("teardown_lag", "seconds=0.1")(own, scope)
    unload(own, scope)


def disable(own, scope):
    own.ask(("disable", "%s/%s" % (DOMAINS[scope], LABEL)))


def disabled(own, scope):
    installed(own, scope)
    disable(own, scope)


def remove(own, scope):
    os.unlink(own.plist(scope))


def holding(data):
    """The file holds something else."""
    return lambda own, scope: installed(own, scope, data=data)


def open_to_all(own, scope):
    if not os.path.exists(own.plist(scope)):
        installed(own, scope)
    os.chmod(own.plist(scope), 0o666)


def for_background(own, scope):
    definition = dict(own.definition("agent"), LimitLoadToSessionType="Background")
    installed(own, scope, data=plistlib.dumps(definition))


def logged_out(own, scope):
    own.double.ctl("logout", 502)


def fault(*words):
    """An answer that nobody can bring about at will."""
    return lambda own, scope: own.double.ctl("inject", *words)


def both(*deeds):
    return lambda own, scope: [deed(own, scope) for deed in deeds]


def throttled(own, scope):
    """Its process has just died, and launchd holds the next one back."""
    loaded(own, scope, throttle=10)

    def is_held_back():
        # One that had run for longer than its interval is back at once.
        own.ask(("kill", "KILL", "%s/%s" % (DOMAINS[scope], LABEL)))
        return own.job(scope)["state"] == "spawn scheduled"

    harness.wait_for(is_held_back)


def of_apple(own, scope):
    """A job of the system's own, from its sealed part."""
    directory = os.path.join(own.double.root, "System/Library/LaunchDaemons")
    os.makedirs(directory, exist_ok=True)
    dummy, path = own.double.plist("com.apple.example", directory, KeepAlive=True)
    own.ask(("bootstrap", "system", path))


# -- words -----------------------------------------------------------------------------------------

HINT = "Try re-running the command as root for richer errors.\n"
EIO = "Bootstrap failed: 5: Input/output error\n"
NO_ACTION = "125: Domain does not support specified action\n"
SERVICE = 'Could not find service "{l}" in domain for {d}\n'
NO_GUI = "Could not find domain for user gui: 502\n"
BOTH = (ROOT, USER)


def everybody(rc, stderr):
    return (Answer(BOTH, ALL, rc, stderr),)


def printed(rc, stderr):
    """Of print, which since 13 begins with a line of its own."""
    return (Answer(BOTH, (11, 12), rc, stderr), Answer(BOTH, ALL[2:], rc, "Bad request.\n" + stderr))


def refused(code, line, text=None):
    """A bootstrap whose reason some are told."""
    told = "{p}: %s\nBootstrap failed: %d: %s\n" % (line, code, text or line)
    return (
        Answer((ROOT,), TOLD, code, told),
        Answer((ROOT,), NOT_TOLD, 5, EIO),
        Answer((USER,), ALL, 5, EIO + HINT),
    )


BOOTSTRAP, BOOTOUT = ("bootstrap", "{domain}", "{p}"), ("bootout", "{t}")
KICKSTART, RESTART = ("kickstart", "{t}"), ("kickstart", "-k", "{t}")
IN_USE = refused(37, "service already bootstrapped", "Operation already in progress")
BAD_FILE = ("plist_refused", "bootstrap_failed")
TAIL = b"<key>ProgramArguments</key><array><string>/bin/sleep</string><string>600</string></array></dict></plist>"
NO_LABEL = b"<plist version='1.0'><dict>" + TAIL
NO_PROGRAM = ("<plist version='1.0'><dict><key>Label</key><string>%s</string></dict></plist>" % LABEL).encode()

# -- the table -------------------------------------------------------------------------------------

SITUATIONS = (
    Situation("bootstrap ok", installed, BOOTSTRAP, everybody(0, ""), {0: "accepted"}, Met("started", DONE)),
    Situation(
        "bootstrap ok of what cannot be spawned",
        lambda own, scope: installed(own, scope, "missing"), BOOTSTRAP, everybody(0, ""), {0: "accepted"},
        Met("started", "job_dies", changes={"program": "dying"}),
    ),
    Situation(
        "already bootstrapped", loaded, BOOTSTRAP, IN_USE, {37: "already", 5: "reprobe"},
        Met("started", DONE, {"bootstrap": load}),
    ),
    Situation(
        "already bootstrapped, and 5 while it is done", both(installed, fault("bootstrap_false_negative")), BOOTSTRAP,
        (Answer((ROOT,), ALL, 5, EIO), Answer((USER,), ALL, 5, EIO + HINT)), {5: "reprobe"},
        Met("started", DONE, first=fault("bootstrap_false_negative")),
    ),
    Situation(
        "label still draining after bootout", draining, BOOTSTRAP, IN_USE, {37: "already", 5: "reprobe"},
        Met("started", DONE, first=both(loaded, fault("teardown_lag", "seconds=0.1")), changes={"throttle": 10}),
    ),
    Situation(
        "label disabled", disabled, BOOTSTRAP, refused(119, "Service is disabled"), {119: "disabled", 5: "reprobe"},
        Met("started", DONE, {"bootstrap": disable}),
    ),
    Situation(
        "plist missing", nothing, BOOTSTRAP, refused(2, "No such file or directory"), {2: "no_plist", 5: "reprobe"},
        Met("started", BAD_FILE, {"bootstrap": remove}),
    ),
    Situation(
        "plist not parseable", holding(b"<plist"), BOOTSTRAP, refused(109, "Invalid property list"),
        {109: "bad_definition", 5: "reprobe"}, Met("started", BAD_FILE, {"bootstrap": holding(b"<plist")}),
    ),
    Situation(
        "plist without Label", holding(NO_LABEL), BOOTSTRAP, refused(110, "Invalid or missing service identifier"),
        {110: "bad_definition", 5: "reprobe"}, Met("started", BAD_FILE, {"bootstrap": holding(NO_LABEL)}),
    ),
    Situation(
        "plist without program", holding(NO_PROGRAM), BOOTSTRAP,
        refused(111, "Invalid or missing Program/ProgramArguments"),
        {111: "bad_definition", 5: "reprobe"}, Met("started", BAD_FILE, {"bootstrap": holding(NO_PROGRAM)}),
    ),
    Situation(
        "plist group or other writable, or of the wrong owner", open_to_all, BOOTSTRAP,
        refused(122, "Path had bad ownership/permissions"), {122: "bad_owner_or_mode", 5: "reprobe"},
        Met("started", BAD_FILE, {"bootstrap": open_to_all}),
    ),
    Situation(
        "plist where launchd does not load from", both(installed, fault("bootstrap_rc", "rc=125")), BOOTSTRAP,
        everybody(125, "Bootstrap failed: " + NO_ACTION), {125: "domain_absent"},
        Met("started", "plist_refused", first=fault("bootstrap_rc", "rc=125")), callers=(ROOT,),
    ),
    Situation(
        "LimitLoadToSessionType mismatch", for_background, ("bootstrap", "gui/502", "{p}"),
        refused(134, "Service cannot load in requested session"), {134: "wrong_session", 5: "reprobe"},
        Met("started", "bootstrap_failed", {"bootstrap": for_background}), callers=(USER,),
    ),
    Situation(
        "gui domain absent, bootstrap", both(installed, logged_out), ("bootstrap", "gui/502", "{p}"),
        everybody(125, "Bootstrap failed: " + NO_ACTION), {125: "domain_absent"},
        Met("started", "gui_domain_absent", {"bootstrap": logged_out}), callers=(USER,),
    ),
    Situation(
        "gui domain absent, print", logged_out, ("print", "gui/502/{l}"), printed(112, NO_GUI), {112: "domain_absent"},
        Met("started", "gui_domain_absent", first=logged_out), callers=(USER,),
    ),
    Situation(
        "gui domain absent, kickstart", logged_out, ("kickstart", "gui/502/{l}"),
        everybody(125, 'Could not kickstart service "{l}": ' + NO_ACTION), {125: "domain_absent"},
        Met("restarted", "gui_domain_absent", {"kickstart": logged_out}, first=loaded), callers=(USER,),
    ),
    Situation(
        "gui domain not there yet, login still starting", both(installed, fault("gui_absent", "uid=502", "times=1")),
        BOOTSTRAP, everybody(125, "Bootstrap failed: " + NO_ACTION), {125: "domain_absent"},
        Met("started", "gui_domain_absent", first=fault("gui_absent", "uid=502")), callers=(USER,),
    ),
    Situation(
        "print unknown label", nothing, ("print", "{t}"), printed(113, SERVICE), {113: "absent"},
        Met("stopped", DONE),
    ),
    Situation(
        "kickstart unknown label", nothing, KICKSTART, everybody(113, SERVICE), {113: "absent"},
        Met("restarted", "job_not_running", {"kickstart": unload}, first=loaded),
    ),
    Situation(
        "kickstart while tearing down", draining, KICKSTART, everybody(37, ""), {37: "reprobe"},
        Met("restarted", "job_not_running", {"kickstart": slow_to_go}, first=loaded),
    ),
    Situation("kickstart of a running job", loaded, KICKSTART, everybody(0, ""), {0: "accepted"},
              Met("started", DONE, first=loaded)),
    Situation("kickstart -k ok", loaded, RESTART, everybody(0, ""), {0: "accepted"},
              Met("restarted", DONE, first=loaded)),
    Situation("kickstart of a throttled job", throttled, KICKSTART, everybody(0, ""), {0: "accepted"},
              Met("started", DONE, first=throttled, changes={"throttle": 10})),
    Situation(
        "kickstart fails for once", both(loaded, fault("kickstart_rc", "rc=5")), RESTART,
        everybody(5, 'Could not kickstart service "{l}": 5: Input/output error\n'), {5: "reprobe"},
        Met("restarted", DONE, first=both(loaded, fault("kickstart_rc", "rc=5"))),
    ),
    Situation("kickstart -p", loaded, ("kickstart", "-p", "{t}"), everybody(0, ""), NEVER_ASKED, NEVER_ASKED),
    Situation(
        "kill of a job that does not run", lambda own, scope: loaded(own, scope, "missing"), ("kill", "TERM", "{t}"),
        everybody(3, "No process to signal.\n"), NEVER_ASKED, NEVER_ASKED,
    ),
    Situation("kill with a bad signal", loaded, ("kill", "NONSENSE", "{t}"), everybody(64, "Invalid signal.\n"),
              NEVER_ASKED, NEVER_ASKED),
    Situation(
        "bootout ok", loaded, BOOTOUT,
        (Answer(BOTH, (11,), 36, "Boot-out failed: 36: Operation now in progress\n"), Answer(BOTH, ALL[1:], 0, "")),
        {0: "accepted", 36: "accepted"}, Met("stopped", DONE, first=loaded),
    ),
    Situation(
        "bootout in progress", both(loaded, fault("bootout_rc", "rc=36")), BOOTOUT,
        everybody(36, "Boot-out failed: 36: Operation now in progress\n"), {36: "accepted"},
        Met("stopped", DONE, first=both(loaded, fault("bootout_rc", "rc=36"))),
    ),
    Situation(
        "bootout not loaded, by service target", nothing, BOOTOUT,
        everybody(3, "Boot-out failed: 3: No such process\n"), {3: "already"},
        Met("stopped", DONE, {"bootout": unload}, first=loaded),
    ),
    Situation(
        "bootout not loaded, by path", installed, ("bootout", "{domain}", "{p}"),
        (Answer((ROOT,), ALL, 5, "Boot-out failed: 5: Input/output error\n"),
         Answer((USER,), ALL, 5, "Boot-out failed: 5: Input/output error\n" + HINT)), NEVER_ASKED, NEVER_ASKED,
    ),
    Situation(
        "bootout --wait", loaded, ("bootout", "--wait", "{t}"),
        (Answer(BOTH, (26, 27), 0, ""),
         Answer(BOTH, ALL[:-2], 64, "Unrecognized target specifier.\nUsage: launchctl bootout <domain-target> "
                "[service-path1, service-path2, ...] | <service-target>\n")), NEVER_ASKED, NEVER_ASKED,
    ),
    Situation("enable and disable of any label", nothing, ("disable", "{t}"), everybody(0, ""), {0: "accepted"},
              Met("started", DONE, first=disable)),
    Situation(
        "enable for which one has no right", nothing, ("enable", "system/{l}"),
        (Answer((USER,), ALL, 1, "Could not enable service: 1: Operation not permitted\n"),), {1: "denied"},
        Met("started", "denied", changes={"scope": "daemon"}), callers=(USER,),
    ),
    Situation("print-disabled", disabled, ("print-disabled", "{domain}"), everybody(0, ""), {0: "accepted"},
              Met("started", DONE, first=disabled)),
    Situation(
        "list unknown label", nothing, ("list", "{l}"),
        everybody(113, 'Could not find service "{l}" in domain for port\n'), NEVER_ASKED, NEVER_ASKED,
    ),
    Situation(
        "bootout of a job of Apple's", of_apple, ("bootout", "system/com.apple.example"),
        everybody(150, "Boot-out failed: 150: Operation not permitted while System Integrity Protection is engaged\n"),
        {150: "failed"}, Met("stopped", "launchd_unclear", first=both(loaded, fault("bootout_rc", "rc=150"))),
        callers=(ROOT,),
    ),
    Situation(
        "kickstart of a job of Apple's", of_apple, ("kickstart", "-k", "system/com.apple.example"),
        everybody(150, 'Could not kickstart service "com.apple.example": '
                       "150: Operation not permitted while System Integrity Protection is engaged\n"),
        {150: "failed"}, Met("restarted", "launchd_unclear", first=both(loaded, fault("kickstart_rc", "rc=150"))),
        callers=(ROOT,),
    ),
)  # fmt: skip
