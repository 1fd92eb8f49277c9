# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Gateway's job lives through a sequence (service_sequences.py), and what has to hold after each of our runs."""

import json
import os
import re
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/unit/service"))
runpy.run_path(str(ROOT / "tests/unit/conftest.py"))

# Only now there is a collection to import from.
import hands
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import job
from service_sequences import DENYING, DOMAINS, FAULTS, LABEL, PROFILES, SILENT
from somebody import Look, Person, loadable

assert PROFILES == hands.harness.PROFILES and DOMAINS == hands.DOMAINS and LABEL == hands.LABEL

FORESEEN = ("changed", "actions", "diff", "restarted", "reload_reasons", "plist")
#: Every code that the module's documentation knows.
DOCUMENTED = frozenset(
    re.findall(
        r"C\((\w+)\)",
        (ROOT / "plugins/modules/openclaw_service.py").read_text("utf-8").partition("Stable identifier, one of")[2]
        .partition("type: str")[0],
    )
)


class Broken(Exception):
    """A promise that did not hold."""


def hold(condition, promise, *seen):
    if not condition:
        raise Broken(" ".join([promise, *(repr(one) for one in seen)]))


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
            own.patience = SILENT.get(fault[0], {})
        if work["race"]:
            own.before = {work["race"][0]: lambda: self.person(work["race"][1])}
        try:
            done = self.attempt(state, scope, definition)
        finally:
            own.double.ctl("clear")
            own.before, own.patience = {}, {}
        after = Look(own)
        raced = own.happened or (fault in DENYING and scope == "agent")
        self.hold_always(before, after, raced, fault, scope)
        if isinstance(done, Failure):
            self.hold_failed(done, work, before, after, raced, excuses)
        elif not raced:
            self.hold_done(done, work, definition, before, after, excuses)
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
            effective = loadable(before.files[scope])
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
            had = loadable(before.files[work["scope"]])
            has = loadable(after.files[work["scope"]])
            hold(had is None or has is not None, "a definition that could be used still can be")

    def hold_done(self, done, work, definition, before, after, excuses):
        """It is as declared. One that dies may have lived just long enough to be believed, and be dead by now."""
        policy, scope = job.POLICIES[work["state"]], work["scope"]
        domain = DOMAINS[scope]
        held = after.holders.get(domain)
        disabled = self.disabled(scope)
        if policy.loaded:
            hold(held is not None, "launchd has the job")
            hold(list(after.holders) == [domain], "launchd has it once", after.holders)
            hold(held["path"] == self.own.plist(scope), "from its file", held)
            hold(not disabled, "its label is enabled")
            has = loadable(after.files[scope])
            hold(has is not None, "its file can be read")
            hold(definition is None or has == definition, "its file says what is declared")
            facts, place = os.lstat(self.own.plist(scope)), self.own.place(scope)
            hold(definition is None or (facts.st_uid, facts.st_mode) == (place.owner[0], 0o100644),
                 "its file is nobody else's", facts.st_uid, oct(facts.st_mode))  # fmt: skip
            throttle = self.own.double.field("%s/%s" % (domain, LABEL), "minimum runtime")
            hold(throttle == str(has.get("ThrottleInterval", 10)), "launchd holds what the file says", throttle)
        else:
            hold(held is None, "launchd does not have the job", held)
        if policy.running and "job_dies" not in excuses:
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
