# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""Which of several sources supplies the Gateway token: for the server and its clients, by OpenClaw version. Pure.

Everything here is data that tests/integration/token and tests/soak/test_token_winners.py prove by running OpenClaw;
what was read in its code instead says so.
"""

from __future__ import annotations

import collections
import re

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.winner_table import (
    CONFIG,
    CONSUMERS,
    ORDERS,
    SLOTS,
    VARIABLE,
)

_VERSION = re.compile(r"\s*v?(\d{4})\.(\d{1,3})\.(\d{1,6})(?![\d.])")

#: winner: a slot of the table; C(runtime) for a server that invents a token; None where nothing supplies one.
#: shadowed: slots that are present and not used, in the order in which they would take over. ignored: slots that are
#: present and that supply this consumer with nothing. outcome: :data:`winner_table.Outcome` of what happens without a
#: usable winner: always where there is none, and else if the winner is a reference and leads nowhere; None for a winner
#: that carries its value. evidence: C(run) where it was measured, C(read) where OpenClaw's code says so.
Verdict = collections.namedtuple("Verdict", "winner shadowed ignored outcome evidence")

#: Winner of a server on loopback that found no token.
RUNTIME = "runtime"


def resolve(slots, consumer, version):
    """Say which of the slots wins.

    :param slots: names of what is present, as :mod:`winner_table` lists them; other names count as ignored.
    :param consumer: one of :data:`winner_table.CONSUMERS`.
    :param version: OpenClaw version (C(2026.9.6)). One that cannot be read, or None, is taken for the newest.
    :returns: :class:`Verdict`.
    :raises KeyError: for an unknown consumer.
    """
    order = order_for(consumer, version)
    present = [slot for slot in order.slots if slot in slots]
    rest = tuple(slot for slot in dict.fromkeys(slots) if slot not in order.slots)
    spoiler = _first(order.fatal, slots)
    if spoiler:
        return Verdict(None, tuple(present), rest, spoiler, order.evidence)
    if not present:
        outcome = _first(order.alone, slots) or order.nothing
        return Verdict(RUNTIME if outcome.effect == RUNTIME else None, (), rest, outcome, order.evidence)
    outcome = order.unresolved.get((present[0], len(present) > 1))
    return Verdict(present[0], tuple(present[1:]), rest, outcome, order.evidence)


def _first(outcomes, slots):
    return next((outcome for slot, outcome in outcomes.items() if slot in slots), None)


def order_for(consumer, version):
    """Return the :class:`winner_table.Order` of a consumer in an OpenClaw version.

    :raises KeyError: for an unknown consumer.
    """
    if consumer not in CONSUMERS:
        raise KeyError(consumer)
    key = version_key(version)
    return next(order for order in ORDERS if order.consumer == consumer and (key is None or key >= order.since))


def presents_inherited(version):
    """Whether a command that a Gateway starts presents the variable it inherits, and not what openclaw.json says.

    :param version: OpenClaw version, as for :func:`resolve`.
    """
    slots = order_for("local_client", version).slots
    return slots.index(VARIABLE[0]) < slots.index(CONFIG[0])


def version_key(version):
    """Return (year, month, patch) of a version such as C(2026.9.6) or C(v2026.7.1-2), None for anything else."""
    match = _VERSION.match(version) if isinstance(version, str) else None
    return tuple(map(int, match.groups())) if match else None


def slot_of(source, consumer):
    """Return the slot that a source fills for a consumer, or None where that consumer never looks.

    :param source: object with C(kind) and C(reference), as sources.Source has them.
    :param consumer: one of :data:`winner_table.CONSUMERS`.
    """
    slot = SLOTS[consumer].get(source.kind)
    if slot is None or not slot.endswith("_"):
        return slot
    if not source.reference:
        return None
    return "config_variable" if source.reference.get("form") == "variable" else slot + source.reference["source"]


def slots_of(sources, consumer):
    """Return the slots that sources fill for a consumer, each once, in the order of the sources."""
    found = (slot_of(source, consumer) for source in sources)
    return [slot for slot in dict.fromkeys(found) if slot]
