# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which source wins. That the table is OpenClaw's, prove tests/integration/token and tests/soak."""
import itertools

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import winner, winner_table
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.sources import KINDS, Source

NEW, OLD = "2026.9.6", "2026.7.1"

WINS = [
    # consumer, version, present, winner, shadowed
    ("server", NEW, "environment config", "config", "environment"),
    ("server", OLD, "environment config", "config", "environment"),
    ("server", NEW, "config argument environment", "argument", "config environment"),
    ("server", NEW, "dotenv environment", "environment", "dotenv"),
    ("server", NEW, "environment secretref_file", "secretref_file", "environment"),
    ("server", OLD, "environment secretref_file", "environment", "secretref_file"),
    ("server", "2026.6.1", "environment config_variable", "config_variable", "environment"),
    ("local_client", NEW, "environment config", "config", "environment"),
    ("local_client", OLD, "environment config", "environment", "config"),
    ("local_client", "2026.6.1", "environment config", "environment", "config"),
    ("local_client", "2026.7.35", "environment config", "environment", "config"),
    ("local_client", "2026.8.1", "environment config", "config", "environment"),
    ("local_client", NEW, "config_remote dotenv", "dotenv", "config_remote"),
    ("remote_client", NEW, "environment config config_remote", "config_remote", "environment config"),
    ("remote_client", OLD, "environment config config_remote", "config_remote", "environment config"),
    ("node_host", NEW, "config environment", "environment", "config"),
    ("node_host", NEW, "config config_remote", "config", ""),
]


@pytest.mark.parametrize(("consumer", "version", "present", "wins", "shadowed"), WINS)
def test_the_strongest_wins_and_the_others_are_named_in_order(consumer, version, present, wins, shadowed):
    for slots in itertools.permutations(present.split()):
        verdict = winner.resolve(slots, consumer, version)
        assert (verdict.winner, list(verdict.shadowed)) == (wins, shadowed.split())


OUTCOMES = [
    # consumer, version, present, winner, effect, exit code
    ("server", NEW, "", "runtime", "runtime", None),
    ("server", NEW, "config_remote", None, "locked_out", None),
    ("server", NEW, "config config_legacy", None, "exits", 78),
    ("server", OLD, "config config_legacy", None, "exits", 78),
    ("server", "2026.6.1", "config config_legacy", None, "exits", 1),
    ("server", OLD, "config_remote", "runtime", "runtime", None),
    ("server", OLD, "config_variable environment", "config_variable", "next", None),
    ("server", OLD, "config_variable", "config_variable", "exits", 1),
    ("server", OLD, "secretref_env", "secretref_env", "exits", 1),
    ("server", NEW, "secretref_env environment", "secretref_env", "exits", 1),
    ("server", NEW, "secretref_env", "secretref_env", "exits", 1),
    ("server", NEW, "config_variable", "config_variable", "runtime", None),
    ("server", NEW, "config_variable environment", "config_variable", "exits", 1),
    ("local_client", NEW, "secretref_env environment", "secretref_env", "refuses", 1),
    ("local_client", NEW, "", None, "refuses", 1),
    ("node_host", NEW, "config_remote", None, "anonymous", None),
]


@pytest.mark.parametrize(("consumer", "version", "present", "wins", "effect", "code"), OUTCOMES)
def test_what_happens_without_a_usable_winner(consumer, version, present, wins, effect, code):
    verdict = winner.resolve(present.split(), consumer, version)
    assert (verdict.winner, verdict.outcome.effect, verdict.outcome.code) == (wins, effect, code)


def test_a_winner_with_a_value_of_its_own_has_no_outcome():
    for consumer in winner_table.CONSUMERS:
        assert winner.resolve(["config"], consumer, NEW).outcome is None


def test_what_a_consumer_never_reads_is_said():
    assert winner.resolve(["config", "config_remote", "odd"], "server", NEW).ignored == ("config_remote", "odd")


@pytest.mark.parametrize("version", [None, "", "latest", "9.6", "2026.9", 2026, "2026.9.6.1"])
def test_a_version_that_cannot_be_read_is_taken_for_the_newest(version):
    assert winner.version_key(version) is None
    for consumer in winner_table.CONSUMERS:
        assert winner.order_for(consumer, version) == winner.order_for(consumer, "2999.1.1")


@pytest.mark.parametrize(
    ("version", "key"),
    [("2026.9.6", (2026, 9, 6)), ("v2026.7.1-2", (2026, 7, 1)), (" 2026.10.1-beta.3\n", (2026, 10, 1))],
)
def test_versions(version, key):
    assert winner.version_key(version) == key


def test_an_unknown_consumer_is_a_mistake():
    with pytest.raises(KeyError):
        winner.resolve([], "browser", NEW)


def test_the_table_is_complete_and_sound():
    for consumer in winner_table.CONSUMERS:
        orders = [order for order in winner_table.ORDERS if order.consumer == consumer]
        since = [order.since for order in orders]
        assert since == sorted(set(since), reverse=True)
        assert since[-1] == winner_table.EVER
    for order in winner_table.ORDERS:
        assert len(set(order.slots)) == len(order.slots)
        assert set(winner_table.REFERENCES) <= set(order.slots)
        assert order.evidence in ("run", "read")
        for slot in winner_table.REFERENCES:
            assert all((slot, backed) in order.unresolved for backed in (False, True))
        assert not (set(order.fatal) | set(order.alone)) & set(order.slots)


def test_every_kind_that_fills_a_slot_is_a_kind_and_every_slot_is_one_of_the_table():
    for consumer, slots in winner_table.SLOTS.items():
        assert set(slots) <= set(KINDS)
        known = set()
        for order in winner_table.ORDERS:
            known |= set(order.slots) | set(order.fatal) | set(order.alone)
        assert {slot for slot in slots.values() if not slot.endswith("_")} <= known, consumer


@pytest.mark.parametrize(
    ("version", "presented"), [("2026.6.1", True), ("2026.7.35", True), ("2026.8.1", False), (None, False)]
)
def test_what_a_gateway_hands_on_is_presented_up_to_2026_7(version, presented):
    assert winner.presents_inherited(version) is presented


def _source(kind, reference=None):
    return Source(kind, "/place", None, True, None)._replace(reference=reference)


def test_sources_become_slots():
    reference = {"source": "file", "provider": "default", "id": "/token"}
    sources = [
        _source("config_reference", reference), _source("plist_environment"), _source("process_environment"),
        _source("shell"), _source("config_copy"), _source("plist_argument"),
    ]  # fmt: skip
    assert winner.slots_of(sources, "server") == ["secretref_file", "environment", "argument"]
    assert winner.slots_of(sources, "local_client") == ["secretref_file", "environment"]
    assert winner.slots_of([_source("config_reference")], "server") == []
