# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of what a person and the collection do to one Gateway's job, and what has to hold after each.

A sequence is plain data: {"profile", "knobs", "steps"}. A step is ["person", DEED] or ["ours", {...}]; a DEED is a name
and its words. So a sequence that breaks a promise is printed, cut and replayed as it stands (SOAK_SEQUENCE).
"""

import json
import os
import plistlib
import re
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/unit/service"))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

# Only now there is a collection to import from.
import hands  # noqa: E402
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure  # noqa: E402
from ansible_collections.clawops.openclaw.plugins.module_utils._service import job  # noqa: E402
from hands import DOMAINS, LABEL, SCALE  # noqa: E402

PROFILES = hands.harness.PROFILES
OTHER_LABEL = "com.example.beside"
FORESEEN = ("changed", "actions", "diff", "restarted", "reload_reasons", "plist")
#: Every code that the module's documentation knows.
DOCUMENTED = frozenset(
    re.findall(
        r"C\((\w+)\)",
        (ROOT / "plugins/modules/openclaw_service.py").read_text("utf-8").partition("Stable identifier, one of")[2]
        .partition("type: str")[0],
    )
)

#: What is not known of real Macs: each sequence lives on one that does it this way or that.
KNOBS = {
    "bootout_missing_rc": (3, 113),
    "already_rc": (37, 17, 133),
    "missing_plist_rc": (2, 5),
    "kickstart_k_signal": ("TERM", "KILL"),
    "kickstart_k_waits": ("true", "false"),
    "kickstart_blocks_when_throttled": ("false", "true"),
    "enable_without_gui_rc": (125, 0),
    "collapse": ("profile", "profile", "always", "never"),
    "default_exit_timeout": (5, 20),
}

#: Faults of launchd that strike while the collection works: words, and the codes with which it may then give up.
#: An empty set: it has to get through.
ASK = {"launchd_unclear"}
BOOTSTRAP = {"bootstrap_failed"}
FAULTS = (
    (["bootstrap_rc", "rc=5", "times=2"], set()),
    (["bootstrap_rc", "rc=37", "times=2"], set()),
    (["bootstrap_rc", "rc=5", "times=0"], BOOTSTRAP),
    (["bootstrap_rc", "rc=125"], {"plist_refused", "gui_domain_absent"}),
    (["bootstrap_rc", "rc=122"], {"plist_refused"}),
    (["bootstrap_rc", "rc=109"], {"plist_refused"}),
    (["bootstrap_rc", "rc=2"], {"plist_refused"}),
    (["bootstrap_rc", "rc=134"], {"session_refused"}),
    (["bootstrap_rc", "rc=155"], BOOTSTRAP),
    (["bootstrap_rc", "rc=119"], set()),
    (["bootstrap_false_negative", "rc=5"], set()),
    (["bootstrap_false_negative", "rc=37"], set()),
    (["bootout_rc", "rc=36"], set()),
    (["bootout_rc", "rc=5"], ASK),
    (["bootout_hang_until_kill"], set()),
    (["teardown_lag", "seconds=0.2"], set()),
    (["gui_absent", "uid=502"], {"gui_domain_absent"} | ASK),
    (["gui_absent", "uid=502", "times=1"], {"gui_domain_absent"} | ASK),
    (["print_rc", "rc=1"], {"denied"}),
    (["print_rc", "rc=5"], ASK),
    (["print_rc", "rc=125"], {"gui_domain_absent"} | ASK),
    (["print_timeout"], ASK),
    (["kickstart_rc", "rc=37"], set()),
    (["kickstart_rc", "rc=5"], set()),
    (["kickstart_rc", "rc=125"], {"gui_domain_absent"} | ASK),
    (["kickstart_block"], {"job_not_running"}),
    (["pend_spawns"], set()),
    (["btm_block", "label=" + LABEL], {"job_dies", "job_not_running"}),
    (["slow_launchctl", "ms=5"], set()),
    (["print_noise"], set()),
)
#: Faults that have launchd deny a login that there is: who believes it says so, and cannot see the job.
DENYING = (["gui_absent", "uid=502"], ["gui_absent", "uid=502", "times=1"], ["print_rc", "rc=125"])
#: Faults that make launchctl wait for ever.
SILENT = ("print_timeout", "kickstart_block")


# -- making sequences ------------------------------------------------------------------------------


def some_deed(chance, scope):
    """What a person does: name and words."""
    domain = chance.choice([DOMAINS[scope], DOMAINS[scope], *DOMAINS.values()])
    where = chance.choice([scope, scope, "daemon", "agent"])
    return chance.choice([
        ["launchctl", "bootout", "%s/%s" % (domain, LABEL)],
        ["launchctl", "bootout", "%s/%s" % (domain, LABEL)],
        ["bootstrap", where],
        ["bootstrap", where],
        ["launchctl", "kickstart", "%s/%s" % (domain, LABEL)],
        ["launchctl", "kickstart", "-k", "%s/%s" % (domain, LABEL)],
        ["launchctl", "enable", "%s/%s" % (domain, LABEL)],
        ["launchctl", "disable", "%s/%s" % (domain, LABEL)],
        ["launchctl", "kill", chance.choice(["KILL", "TERM", "SEGV", "HUP"]), "%s/%s" % (domain, LABEL)],
        ["control", "login", "502"],
        ["control", "login", "502"],
        ["control", "logout", "502"],
        ["control", "reboot"],
        ["control", "inject", "jetsam", "label=" + LABEL],
        ["control", "inject", "disable_behind_back", "label=" + LABEL, "domain=" + domain],
        ["control", "inject", "setenv_poison", "key=OPENCLAW_GATEWAY_TOKEN", "value=stale", "domain=" + domain],
        ["control", "inject", "session_drop", "uid=502"],
        ["control", "inject", "clock_jump", "seconds=-7200"],
        ["edit", where],
        ["garble", where],
        ["remove", where],
        ["symlink", where],
        ["chown", where],
        ["chmod", where],
        ["put", where],
        ["elsewhere"],
        ["beside"],
        ["no_log"],
    ])  # fmt: skip


def some_work(chance, scope):
    """What the collection is asked for, and what happens to it meanwhile."""
    work = {
        "state": chance.choice(["started", "started", "started", "present", "restarted", "stopped", "absent"]),
        "scope": scope if chance.random() < 0.9 else chance.choice(list(DOMAINS)),
        "program": chance.choice(["steady"] * 4 + ["stubborn", "polite", "dying", "missing"]),
        "throttle": chance.choice([5, 5, 10]),
        "declared": chance.random() < 0.8,
        "fault": None,
        "race": None,
    }
    trouble = chance.random()
    if trouble < 0.4:
        work["fault"] = chance.randrange(len(FAULTS))
    if 0.32 < trouble < 0.62:
        work["race"] = [chance.randrange(1, 14), some_deed(chance, scope)]
    return work


def some_sequence(chance):
    scope = chance.choice(["daemon", "daemon", "agent"])
    length = chance.randrange(5, 10)
    steps = [["person", ["control", "login", "502"]]] if scope == "agent" or chance.random() < 0.3 else []
    while len(steps) < length:
        person = chance.random() < 0.5
        steps.append(["person", some_deed(chance, scope)] if person else ["ours", some_work(chance, scope)])
    steps.append(["ours", some_work(chance, scope)])
    return {
        "profile": chance.choice(PROFILES),
        "knobs": {name: chance.choice(values) for name, values in KNOBS.items()},
        "scope": scope,
        "steps": steps,
    }


# -- living through them ---------------------------------------------------------------------------


class Broken(Exception):
    """A promise that did not hold."""


def hold(condition, promise, *seen):
    if not condition:
        raise Broken(" ".join([promise, *(repr(one) for one in seen)]))


class Person:
    """Somebody at the keyboard, who is root and knows no collection. What cannot be done is not done."""

    def __init__(self, own):
        self.own = own

    def __call__(self, deed):
        name, words = deed[0], deed[1:]
        try:
            getattr(self, name)(*words)
        except (AssertionError, FileNotFoundError):
            return  # the double refuses what makes no sense now: nobody is logged in, there is no such job

    def launchctl(self, *words):
        self.own.ask(words)

    def control(self, *words):
        self.own.double.ctl(*words)

    def bootstrap(self, where):
        self.launchctl("bootstrap", DOMAINS[where], self.own.plist(where))

    def put(self, where):
        """As a tool would that knows nothing of us: writes its own plist and loads it."""
        data = {"Label": LABEL, "ProgramArguments": ["/bin/sleep", "700"], "KeepAlive": True, "RunAtLoad": True}
        self._write(where, plistlib.dumps(data))
        self.bootstrap(where)

    def _write(self, where, data):
        path = self.own.plist(where)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as stream:
            stream.write(data)
        os.chown(path, *(self.own.place(where).owner))

    def edit(self, where):
        with open(self.own.plist(where), "rb") as stream:
            data = plistlib.loads(stream.read().replace(b"/bin/sleep", b"/usr/bin/sleep"))
        data["ThrottleInterval"] = 1
        self._write(where, plistlib.dumps(data))

    def garble(self, where):
        os.stat(self.own.plist(where))
        self._write(where, b"<plist version='1.0'><dict><key>Label</key>")

    def remove(self, where):
        os.unlink(self.own.plist(where))

    def symlink(self, where):
        path = self.own.plist(where)
        os.replace(path, path + ".kept")
        os.symlink(path + ".kept", path)

    def chown(self, where):
        os.chown(self.own.plist(where), 501, 20)

    def chmod(self, where):
        os.chmod(self.own.plist(where), 0o666)

    def elsewhere(self):
        """The label, loaded from a place of somebody's own."""
        path = os.path.join(self.own.double.directory, "somewhere", LABEL + ".plist")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = {"Label": LABEL, "ProgramArguments": ["/bin/sleep", "800"], "RunAtLoad": True}
        with open(path, "wb") as stream:
            plistlib.dump(data, stream)
        self.launchctl("bootstrap", "system", path)

    def beside(self):
        """Another job, which is none of ours."""
        if self.own.job(label=OTHER_LABEL) is None:
            self.own.double.load(label=OTHER_LABEL, KeepAlive=True, ThrottleInterval=5)

    def no_log(self):
        os.unlink(os.path.join(self.own.home, "Library/Logs/openclaw/gateway.log"))


class Look:
    """The Mac at one moment: who holds the label, what lies on disk, whose the other job is."""

    def __init__(self, own):
        self.domains = own.jobs()
        self.named = {name: jobs[LABEL] for name, jobs in self.domains.items() if LABEL in jobs}
        #: Without a job that is on its way out: it has been taken away already.
        self.holders = {name: held for name, held in self.named.items() if not held["draining"]}
        self.beside = self.domains["system"].get(OTHER_LABEL)
        self.files = {scope: _bytes(own.plist(scope)) for scope in DOMAINS}
        self.logged_in = "gui/502" in self.domains


def _bytes(path):
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _loadable(data):
    """The definition of a property list that launchd could use, or None."""
    try:
        return plistlib.loads(data) if data is not None else None
    except Exception:  # plistlib lets all sorts of errors through
        return None


class Life:
    """One sequence on one double."""

    def __init__(self, sequence):
        self.own = hands.Hands(sequence["profile"], **sequence["knobs"])
        self.person = Person(self.own)
        self.scope = sequence["scope"]

    def close(self):
        self.own.close()

    def live(self, steps):
        """Raises Broken with the number of the step."""
        for number, (who, what) in enumerate(steps):
            try:
                if who == "person":
                    self.person(what)
                else:
                    self.ours(what)
            except Broken as error:
                raise Broken("step %d, %s: %s" % (number, json.dumps(what), error)) from error
        try:
            self.end_well()
        except Broken as error:
            raise Broken("at the end: %s" % error) from error

    # -- one piece of work -------------------------------------------------------------------------

    def ours(self, work):
        own, state, scope = self.own, work["state"], work["scope"]
        definition = own.definition(scope, work["program"], work["throttle"]) if self._declares(work) else None
        before = Look(own)
        fault, allowed = FAULTS[work["fault"]] if work["fault"] is not None else (None, set())
        excuses = self.excuses(work, definition, before) | allowed
        quiet = fault is None and work["race"] is None
        foreseen = self.attempt(state, scope, definition, check=True) if quiet else None
        if quiet:
            hold(Look(own).files == before.files, "check mode changes no file")
        if fault:
            own.double.ctl("inject", *fault)
            own.patience = 0.5 if fault[0] in SILENT else 60
        if work["race"]:
            own.before = {work["race"][0]: lambda: self.person(work["race"][1])}
        try:
            done = self.attempt(state, scope, definition)
        finally:
            own.double.ctl("clear")
            own.before, own.patience = {}, 60
        after = Look(own)
        raced = own.happened or (fault in DENYING and scope == "agent")
        self.hold_always(before, after, raced, fault, scope)
        if isinstance(done, Failure):
            self.hold_failed(done, work, before, after, raced, excuses)
        elif not raced:
            self.hold_done(done, work, definition, before, after)
        if foreseen is not None:
            self.hold_foreseen(foreseen, done, excuses)
        if not raced and not isinstance(done, Failure):
            self.hold_again("started" if state == "restarted" else state, scope, definition, excuses)

    @staticmethod
    def _declares(work):
        return work["declared"] or work["state"] == "present"

    def attempt(self, state, scope, definition, check=False):
        """The result or the Failure; anything else is a traceback that a person would see."""
        try:
            return self.own.converge(state, scope, definition, check)
        except Failure as failure:
            hold(failure.code in DOCUMENTED, "the documentation knows the code", failure.code)
            hold(failure.message and failure.hint, "a failure says what is wrong and what is next", failure.code)
            return failure
        except Exception as error:
            raise Broken("no traceback: %s: %s" % (type(error).__name__, error)) from error

    def excuses(self, work, definition, before):
        """The codes with which the module may refuse or give up, from what there is before it begins."""
        own, scope, state = self.own, work["scope"], work["state"]
        if not job.POLICIES[state].loaded:
            return set()
        codes = set()
        place = own.place(scope)
        other = "agent" if scope == "daemon" else "daemon"
        if before.files[other] is not None or os.path.lexists(own.plist(other)) or DOMAINS[other] in before.named:
            codes.add("label_in_other_scope")
        if scope == "agent" and not before.logged_in:
            codes.add("gui_domain_absent")
        effective = definition
        if definition is None:
            effective = _loadable(before.files[scope])
            if effective is None or os.path.islink(place.plist):
                codes |= {"definition_missing", "plist_unreadable"}
            elif self._refusable(place):
                codes |= {"plist_refused", "bootstrap_failed"}
        program = (effective or {}).get("ProgramArguments", [""])
        if program == hands.PROGRAMS["missing"]:
            codes |= {"program_missing", "job_dies", "job_not_running"}
        if program == hands.PROGRAMS["dying"]:
            codes |= {"job_dies", "job_not_running"}
        if state == "present" and definition is not None:
            codes -= {"job_dies", "job_not_running"}
        return codes

    @staticmethod
    def _refusable(place):
        facts = os.stat(place.plist)
        return facts.st_uid not in (0, place.owner[0]) or bool(facts.st_mode & 0o022)

    # -- the promises ------------------------------------------------------------------------------

    @staticmethod
    def hold_always(before, after, raced, fault, scope):
        """Whatever came of it."""
        if not raced:
            hold(after.beside == before.beside, "another's job is left alone", before.beside, after.beside)
            other = "agent" if scope == "daemon" else "daemon"
            hold(after.files[other] == before.files[other], "the other scope's file is left alone")
        if not raced and fault not in DENYING:
            hold(len(after.holders) <= max(1, len(before.holders)), "never a second supervisor", after.holders)

    @staticmethod
    def hold_failed(failure, work, before, after, raced, excuses):
        if raced:
            return
        domain, state = DOMAINS[work["scope"]], work["state"]
        hold(failure.code in excuses, "nothing was in the way", failure.code, failure.message)
        if job.POLICIES[state].loaded and domain in before.holders:
            lost = domain not in after.holders and failure.details.get("put_back") is not False
            hold(not lost, "never a job lost that was there before", failure.code, failure.message)
            had = _loadable(before.files[work["scope"]])
            has = _loadable(after.files[work["scope"]])
            hold(had is None or has is not None, "a definition that could be used still can be")

    def hold_done(self, done, work, definition, before, after):
        """It is as declared."""
        policy, scope = job.POLICIES[work["state"]], work["scope"]
        domain = DOMAINS[scope]
        held = after.holders.get(domain)
        disabled = self.disabled(scope)
        if policy.loaded:
            hold(held is not None, "launchd has the job")
            hold(list(after.holders) == [domain], "launchd has it once", after.holders)
            hold(held["path"] == self.own.plist(scope), "from its file", held)
            hold(not disabled, "its label is enabled")
            has = _loadable(after.files[scope])
            hold(has is not None, "its file can be read")
            hold(definition is None or has == definition, "its file says what is declared")
            throttle = self.own.double.field("%s/%s" % (domain, LABEL), "minimum runtime")
            hold(throttle == str(has.get("ThrottleInterval", 10)), "launchd holds what the file says", throttle)
        else:
            hold(held is None, "launchd does not have the job", held)
        if policy.running:
            hold(held["pid"], "there is a process", held)
            hold(done["job"]["pid"] == held["pid"], "and it is the one that was told of", done["job"], held)
        if policy.cycled and domain in before.holders:
            hold(held["pid"] != before.holders[domain]["pid"], "the process is a new one")
        if work["state"] == "stopped":
            hold(after.files[scope] == before.files[scope] or definition is not None, "the file stays")
            hold(disabled or (after.files[scope] is None and domain not in before.holders), "it stays stopped")
        if work["state"] == "absent":
            hold(not os.path.lexists(self.own.plist(scope)), "the file is gone")
            hold(not disabled, "the label is free")
        if not done["changed"]:
            hold(after.files == before.files, "'not changed' is true of the files")
            hold(done["actions"] == [], "'not changed' is true of launchd", done["actions"])

    def disabled(self, scope):
        words = self.own.double.run("print-disabled", self.own.place(scope).override_domain).out
        return re.search(r'"%s" => (disabled|true)' % re.escape(LABEL), words) is not None

    @staticmethod
    def hold_foreseen(foreseen, done, excuses):
        """Check mode has told the same, unless the process itself was what went wrong."""
        if isinstance(foreseen, Failure):
            hold(isinstance(done, Failure) and done.code == foreseen.code, "check mode foresees a refusal",
                 foreseen.code, getattr(done, "code", done))  # fmt: skip
        elif isinstance(done, Failure):
            hold(done.code in excuses, "check mode foresees a failure", done.code)
        else:
            told, seen = ({key: one[key] for key in FORESEEN} for one in (foreseen, done))
            hold(told == seen, "check mode foresees what is done", told, seen)

    def hold_again(self, state, scope, definition, excuses):
        before = Look(self.own)
        again = self.attempt(state, scope, definition)
        if isinstance(again, Failure):
            hold(again.code in excuses, "a second run gets as far", again.code, again.message)
            return
        hold(not again["changed"] and again["actions"] == [], "a second run changes nothing", again["actions"])
        hold(Look(self.own).files == before.files, "a second run changes no file")

    # -- the end -----------------------------------------------------------------------------------

    def end_well(self):
        """Once nothing is in the way any more, the job can be brought to what is declared, and stays so."""
        other = "agent" if self.scope == "daemon" else "daemon"
        self.person(["control", "login", "502"])
        for scope in DOMAINS:
            for domain in (DOMAINS[scope], "user/502"):
                if scope == other:
                    self.person(["launchctl", "bootout", "%s/%s" % (domain, LABEL)])
        if os.path.lexists(self.own.plist(other)):
            self.person(["remove", other])
        hands.harness.wait_for(lambda: DOMAINS[other] not in Look(self.own).named, what="end of the other one")
        work = {"state": "started", "scope": self.scope, "program": "steady", "throttle": 5, "declared": True,
                "fault": None, "race": None}  # fmt: skip
        self.ours(work)


# -- a verdict -------------------------------------------------------------------------------------


def verdict(sequence):
    """What is broken, or None."""
    life = Life(sequence)
    try:
        life.live(sequence["steps"])
    except Broken as error:
        return str(error)
    finally:
        life.close()
    return None


def shrunk(sequence, complaint):
    """The sequence without what came after the broken promise, and without what was not needed for it."""
    found = re.match(r"step (\d+)", complaint)
    steps = sequence["steps"][: int(found.group(1)) + 1] if found else sequence["steps"]
    for position in reversed(range(len(steps))):
        fewer = dict(sequence, steps=steps[:position] + steps[position + 1 :])
        if verdict(fewer) is not None:
            steps = fewer["steps"]
    return dict(sequence, steps=steps)


#: Scaled seconds are short; a machine that does not run the double for long would tell of it, not of the collection.
assert SCALE >= 0.02
