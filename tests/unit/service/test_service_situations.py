# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of situations, on every macOS: what launchctl answers there, and what becomes of it in the collection."""

import contextlib
import itertools
import os
import re
import sys

import hands
import pytest
import situations
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._service import job, outcomes
from hands import DOMAINS, LABEL
from situations import ALL, DONE, NEVER_ASKED, ROOT, SCOPE, SITUATIONS, USER

if os.geteuid() != 0:
    pytest.skip("a launchd that starts jobs of another account needs root", allow_module_level=True)
if sys.version_info < (3, 10):
    pytest.skip("the answers do not depend on the Python; once is enough", allow_module_level=True)

CASES = [(one, who) for one in SITUATIONS for who in one.callers]
NAMES = ["%s, %s" % (one.row, who) for one, who in CASES]


@pytest.fixture(scope="module")
def macs():
    """Release -> a Mac with it, kept for all rows."""
    made = {}

    def of(profile):
        if profile not in made:
            made[profile] = hands.Hands(profile)
        made[profile].reset()
        return made[profile]

    yield of
    for mac in made.values():
        mac.close()


def answer_for(situation, who, profile):
    found = [one for one in situation.answers if who in one.callers and profile in one.profiles]
    assert len(found) == 1, "%s has %d answers for %s on macOS %d" % (situation.row, len(found), who, profile)
    return found[0]


# -- the table itself ------------------------------------------------------------------------------


def test_it_knows_every_release_of_the_double():
    assert ALL == hands.harness.PROFILES


@pytest.mark.parametrize(("situation", "who"), CASES, ids=NAMES)
def test_no_row_lacks_a_side(situation, who):
    for profile in ALL:
        said = answer_for(situation, who, profile)
        if situation.means != NEVER_ASKED:
            assert situation.means[said.rc] in vars(outcomes).values()
    assert (situation.means == NEVER_ASKED) is (situation.met == NEVER_ASKED)
    if situation.met != NEVER_ASKED:
        assert situation.met.state in job.POLICIES and situation.met.ends


def test_every_kind_of_call_the_collection_makes_is_in_it():
    asked = {one.ask[0] for one in SITUATIONS if one.means != NEVER_ASKED}
    assert asked == set(outcomes.RULES)
    # A verb that has no rule cannot be called at all; of those that have one, these forms are never used.
    assert not {"kill", "list", "load", "unload"} & set(outcomes.RULES)


def test_the_collection_calls_in_no_other_way():
    """Whatever it plans: no --wait, no -p, no bootout by path, no bare label."""
    target = r"(system|gui/\d+|user/\d+)/[\w.-]+"
    shape = re.compile(
        r"(enable|disable|bootout|kickstart|kickstart -k) %s|bootstrap (system|gui/\d+) /\S+\.plist" % target
    )
    double = hands.Hands.__new__(hands.Hands)
    double.account = hands.Account("claw", 502, 20, "/Users/claw")
    double.home, double.state_dir, double.agents = "/Users/claw", "/Users/claw/.openclaw", "/Users/claw/agents"
    double.double = type("Directories", (), {"daemons": "/Library/LaunchDaemons"})
    seen = set()
    for scope, state, held, pid, disabled, file in itertools.product(
        DOMAINS, job.POLICIES, (False, True), (None, 7), (None, False, True), ("absent", "file", "symlink")
    ):
        place, definition = double.place(scope), double.definition(scope)
        observed = observed_as(place, definition, held, pid, disabled, file)
        for words in job.plan(state, definition, place, observed).calls:
            assert shape.fullmatch(" ".join(words)), words
            seen.add((words[0], "-k" in words))
    assert seen == {(verb, False) for verb in ("enable", "disable", "bootout", "bootstrap", "kickstart")} | {
        ("kickstart", True)
    }


def observed_as(place, definition, held, pid, disabled, file):
    from ansible_collections.clawops.openclaw.plugins.module_utils._service import files, observe, print_grammar

    loaded = print_grammar.Loaded("running" if pid else "not running", path=place.plist, pid=pid) if held else None
    lying = files.OnDisk("file", definition, None, place.owner, 0o644) if file == "file" else files.OnDisk(file)
    return observe.Observed(loaded, True, disabled, lying, [])


# -- what launchctl says ---------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(("situation", "who"), CASES, ids=NAMES)
def test_launchctl_answers(macs, situation, who, profile):
    mac = macs(profile)
    scope = SCOPE[who]
    situation.first(mac, scope)
    fields = {
        "p": mac.plist(scope),
        "t": "%s/%s" % (DOMAINS[scope], LABEL),
        "l": LABEL,
        "d": {"daemon": "system", "agent": "user gui: 502"}[scope],
        "domain": DOMAINS[scope],
    }
    words = [word.format(**fields) for word in situation.ask]
    result = mac.double.run(*words) if who == ROOT else mac.double.run_as(502, *words)
    said = answer_for(situation, who, profile)
    assert (result.rc, result.err) == (said.rc, said.stderr.format(**fields)), result
    if situation.means != NEVER_ASKED:
        kind = outcomes.classify(words[0], result.rc, result.out, result.err).kind
        assert kind == situation.means[said.rc]


# -- what the module makes of it -------------------------------------------------------------------


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(
    ("situation", "who"),
    [case for case in CASES if case[0].met != NEVER_ASKED],
    ids=[name for name, case in zip(NAMES, CASES) if case[0].met != NEVER_ASKED],
)
def test_the_module_ends(macs, situation, who, profile):
    mac, met = macs(profile), situation.met
    changes = dict(met.changes)
    scope = changes.pop("scope", SCOPE[who])
    (met.first or situations.nothing)(mac, SCOPE[who])
    mac.before = {verb: lambda deed=deed: deed(mac, scope) for verb, deed in met.before.items()}

    done, code = None, None
    try:
        with mac.as_the_user() if who == USER else contextlib.nullcontext():
            done = mac.converge(met.state, scope, mac.definition(scope, **dict({"throttle": 5}, **changes)))
    except Failure as failure:
        code = failure.code
        assert failure.message and failure.hint
    mac.before = {}
    wanted = met.ends if isinstance(met.ends, str) else met.ends[0 if who == ROOT and profile <= 13 else 1]
    assert (code or DONE) == wanted
    if code is None:
        policy, held = job.POLICIES[met.state], mac.job(scope)
        assert (held is not None) is policy.loaded
        assert not policy.running or held["pid"] == done["job"]["pid"]
