# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared against what lies there: which steps, in which order, and what a diff tells of them."""

from __future__ import annotations

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._release import layout, plan

NPM = {"version": "2026.9.6", "node_version": "24.21.0", "install": "npm"}
EXISTING = {
    "version": "2026.9.6",
    "node_version": "24.21.0",
    "install": "existing",
    "existing_node": "/opt/homebrew/opt/node@24",
    "existing_openclaw": "/opt/homebrew/lib/node_modules/openclaw",
}
RELEASE = {"bin": "openclaw.mjs"}


def converged(declaration):
    return {entry.key: entry.text for entry in plan.wanted(declaration, RELEASE)}


@pytest.mark.parametrize("declaration", [NPM, EXISTING], ids=["npm", "existing"])
def test_nothing_to_do(declaration):
    assert plan.present(declaration, RELEASE, converged(declaration), []) == plan.Plan([], "", "", False)


@pytest.mark.parametrize(
    ("declaration", "verbs"),
    [
        (NPM, "directory directory node_archive directory release_npm link wrapper directory wrapper link"),
        (EXISTING, "directory directory link directory release_link link wrapper directory wrapper link"),
    ],
    ids=["npm", "existing"],
)
def test_virgin_host_ends_with_the_switch(declaration, verbs):
    made = plan.present(declaration, RELEASE, {}, [])
    assert [step.verb for step in made.steps] == verbs.split()
    assert made.steps[-1].key == "current"
    assert not made.switched
    assert set(made.before.splitlines()) == {key + ": absent" for key in converged(declaration)}
    assert "current: -> releases/2026.9.6\n" in made.after


@pytest.mark.parametrize(
    ("differs", "steps", "switched"),
    [
        ({"current": "-> releases/2026.7.1"}, ["current"], True),
        ({"releases/2026.9.6/node": "-> ../../node/24.19.0"}, ["releases/2026.9.6/node"], True),
        ({"releases/2026.9.6": "incomplete"}, ["releases/2026.9.6"], True),
        ({"node/24.21.0": "incomplete"}, ["node/24.21.0"], True),
        ({"bin/openclaw": "another file or mode"}, ["bin/openclaw"], False),
        ({".": "directory 0775"}, ["."], False),
        ({"current": None}, ["current"], False),
    ],
)
def test_only_what_differs_is_a_step(differs, steps, switched):
    observed = {key: text for key, text in dict(converged(NPM), **differs).items() if text}
    made = plan.present(NPM, RELEASE, observed, [])
    assert [step.key for step in made.steps] == steps
    assert made.switched is switched
    assert made.before == "".join("%s: %s\n" % (key, differs[key] or "absent") for key in steps)


def test_leftovers_are_swept_first_and_told():
    made = plan.present(NPM, RELEASE, converged(NPM), [".work-dead"])
    assert [(step.verb, step.key) for step in made.steps] == [("remove", ".work-dead")]
    assert made.before == ".work-dead: leftover of an interrupted run\n"
    assert made.after == ".work-dead: absent\n"
    assert not made.switched


def test_a_change_of_origin_replaces_node_and_release():
    made = plan.present(EXISTING, RELEASE, converged(NPM), [])
    assert [step.verb for step in made.steps] == ["link", "release_link"]
    assert made.switched


def test_removal_takes_what_points_before_what_is_pointed_at():
    keys = [".", "bin", "bin/openclaw", "node", "node/24.21.0", "releases", "releases/2026.9.6", "current", ".work-x"]
    made = plan.absent(dict.fromkeys(keys, "there"))
    order = [step.key for step in made.steps]
    assert order[0] == "current"
    assert order[-1] == "."
    for inner, outer in (("bin/openclaw", "bin"), ("node/24.21.0", "node"), ("releases/2026.9.6", "releases")):
        assert order.index(inner) < order.index(outer)
    assert set(order) == set(keys)


def test_wrapper_keeps_openclaw_off_the_service_and_quotes_its_root():
    text = layout.wrapper_text(layout.Layout("/Volumes/Big Disk/openclaw/"), "openclaw.mjs")
    assert text.startswith("#!/bin/sh\n" + layout.WRAPPER_MARK)
    assert "OPENCLAW_SUPERVISOR_MODE=external\n" in text
    assert "OPENCLAW_SERVICE_REPAIR_POLICY=external\n" in text
    assert text.splitlines()[-1] == (
        "exec '/Volumes/Big Disk/openclaw/current/node/bin/node' "
        "'/Volumes/Big Disk/openclaw/current/lib/node_modules/openclaw/openclaw.mjs' \"$@\""
    )


def test_program_goes_through_current():
    assert layout.Layout("/opt/openclaw").program() == [
        "/opt/openclaw/current/node/bin/node",
        "/opt/openclaw/current/lib/node_modules/openclaw/dist/index.js",
    ]


def test_staged_and_switched_are_together_what_present_is():
    """In check mode, too: none of them foretells what another has foretold."""
    of_another = dict(converged(NPM), current="-> releases/2026.7.1")
    for observed in ({}, of_another, converged(dict(NPM, version="2026.7.1"))):
        whole = plan.present(NPM, RELEASE, observed, [])
        beside = plan.staged(NPM, RELEASE, observed, [])
        switch = plan.switched(NPM, RELEASE, observed, [])
        assert {step.key for step in beside.steps} | {step.key for step in switch.steps} == {s.key for s in whole.steps}
        assert not {step.key for step in beside.steps} & {step.key for step in switch.steps}
        assert (beside.pending, beside.switched) == (True, False)
        assert not whole.pending


def test_another_node_under_the_release_that_runs_is_switched_not_staged():
    observed = dict(converged(NPM), **{"releases/2026.9.6/node": "-> ../../node/24.19.0"})
    beside = plan.staged(NPM, RELEASE, observed, [])
    assert (beside.steps, beside.pending) == ([], True)
    assert [step.key for step in plan.switched(NPM, RELEASE, observed, []).steps] == ["releases/2026.9.6/node"]


def test_a_release_that_runs_and_is_damaged_is_mended_where_it_is():
    observed = dict(converged(NPM), **{"releases/2026.9.6": "incomplete"})
    beside = plan.staged(NPM, RELEASE, observed, [])
    assert [step.key for step in beside.steps] == ["releases/2026.9.6"]
    assert (beside.pending, beside.switched) == (False, True)
