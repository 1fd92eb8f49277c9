# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only shows between hosts."""
import copy

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import fleet
from catalogue_fixtures import CHECKS, HEALTHY, POLICY, changed


def host(number, **change):
    """A healthy host with a token and a provider key of its own, and a change."""
    document = dict(copy.deepcopy(HEALTHY), policy=dict(POLICY, baseline=None))
    document["token_sources"]["fingerprint"] = "sha256:00000000000%d" % number
    document["providers"]["agents"][0]["credentials"][0]["fingerprint"] = "sha256:10000000000%d" % number
    document = changed(document, {path.replace("__", "/"): value for path, value in change.items()})
    return {"policy": document.pop("policy"), "observation": document}


def judged(hosts, comparable=True):
    if comparable:
        hosts = {name: dict(one, observation=fleet.comparable(one["observation"])) for name, one in hosts.items()}
    return fleet.judge_fleet(hosts, CHECKS)


def fleet_of(**changes):
    hosts = {"mini%02d" % number: host(number) for number in range(1, 5)}
    hosts.update({name: host(int(name[-1]), **change) for name, change in changes.items()})
    return hosts


def test_a_uniform_fleet_raises_none():
    assert judged(fleet_of()) == []


@pytest.mark.parametrize(("name", "change", "said"), [
    ("OCG-FLEET-001", {"policy__exposure": "tailnet"},
     "production mixes exposures: loopback: mini01, mini02, mini03, tailnet: mini04"),
    ("OCG-FLEET-002", {"providers__agents__0__credentials__0__fingerprint": "sha256:100000000001"},
     "sha256:100000000001 of openai is on several hosts: mini01, mini04"),
    ("OCG-FLEET-003", {"release__version": "2026.7.1"}, "2026.7.1: mini04, 2026.9.6: mini01, mini02, mini03"),
    ("OCG-FLEET-004", {"config__values__gateway.auth.allowTailscale": True},
     "mini04 differs from the other hosts of class daemon in: gateway.auth.allowTailscale"),
    ("OCG-FLEET-005", {"token_sources__fingerprint": "sha256:000000000001"}, "opens several Gateways: mini01, mini04"),
])  # fmt: skip
def test_one_host_differs(name, change, said):
    found = judged(fleet_of(mini04=change))
    assert [(one["checkId"], one["result"], one["host"]) for one in found] == [(name, "fail", None)]
    assert said in found[0]["message"]
    assert found[0]["fixHint"] and found == judged(fleet_of(mini04=change), comparable=False)


@pytest.mark.parametrize("change", [
    {"policy__exposure": "tailnet", "policy__environment": "staging"},
    {"policy__exposure": None},
    {"providers": None},
    {"token_sources__fingerprint": None},
    {"config__values": None},
    {"release__version": None, "installs": None},
    {"config__values__gateway.auth.token": "sha256:abc"},
    {"config__values__gateway.auth.allowTailscale": True, "policy__class": "interactive"},
    {"config__values__gateway.auth.allowTailscale": True, "policy__baseline": {"gateway.auth.mode": "token"}},
])  # fmt: skip
def test_what_is_no_difference(change):
    assert judged(fleet_of(mini04=change)) == []


def test_without_a_majority_nobody_is_wrong():
    other = {"config__values__gateway.auth.allowTailscale": True}
    assert judged(fleet_of(mini03=other, mini04=other)) == []
    assert judged({"mini01": host(1), "mini02": host(2, **other)}) == []


def test_a_dead_host_takes_no_part():
    assert judged(dict(fleet_of(), mini05={"policy": POLICY, "observation": {}})) == []
