# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules may ask is what an observation has: the shape, the schema and the healthy host say the same."""
import sys

from ansible_collections.clawops.openclaw.plugins.plugin_utils._audit import catalogue, paths, policy
from catalogue_fixtures import HEALTHY, POLICY, ROOT

sys.path.insert(0, str(ROOT / "tests/tools"))
import observation

SHAPE = catalogue.shape()


def variants(node):
    """A part of the schema with everything that it refers to or may be instead."""
    while "$ref" in node:
        node = observation.SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return [node] + [one for word in ("anyOf", "oneOf") for part in node.get(word, ()) for one in variants(part)]


def differing(shape, nodes, path=()):
    """Paths that either of the two has and the other has not."""
    if isinstance(shape, list):
        items = [one for node in nodes if "items" in node for one in variants(node["items"])]
        return differing(shape[0], items, (*path, paths.ANY)) if items else []
    properties = {key: said for node in nodes for key, said in node.get("properties", {}).items()}
    if not isinstance(shape, dict) or paths.ANY in shape or not properties:
        # The schema leaves some parts open, and so does the shape where keys are free.
        return []
    known = [key for key in shape if key in properties]
    lacking = sorted(set(shape) ^ set(properties))
    deeper = [one for key in known for one in differing(shape[key], variants(properties[key]), (*path, key))]
    return [paths.shown((*path, key)) for key in lacking] + deeper


def test_shape_and_schema_have_the_same_keys():
    asked = {name: part for name, part in SHAPE.items() if name != "policy"}
    assert differing(asked, variants(observation.SCHEMA)) == []


def test_the_healthy_host_keeps_to_the_schema():
    assert list(observation.problems(HEALTHY)) == []


def test_the_policy_of_the_healthy_host_keeps_to_the_shape():
    assert policy.problems(POLICY) == []
    assert set(POLICY) == set(SHAPE["policy"])


def test_a_misspelt_or_mistyped_policy_is_told():
    wrong = {"expsoure": "loopback", "port": "18789", "needs_gui": 1, "settings": [], "consumers": {}, "free_mib": True,
             "scope": "deamon", "version": None}  # fmt: skip
    assert policy.problems(wrong) == [
        "key 'consumers' of the policy is {}; expected a list.",
        "policy has no key 'expsoure'; is 'exposure' meant?",
        "key 'free_mib' of the policy is True; expected a number.",
        "key 'needs_gui' of the policy is 1; expected true or false.",
        "key 'port' of the policy is '18789'; expected a whole number.",
        "key 'scope' of the policy is 'deamon'; expected one of daemon, agent.",
        "key 'settings' of the policy is []; expected a mapping.",
    ]
