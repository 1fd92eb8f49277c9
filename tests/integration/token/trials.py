# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of winners as trials: every order becomes pairs of sources, every outcome a reference that leads nowhere.

A trial is held with the real software, and its end compared with what the table says.
"""
import collections
import time

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import winner, winner_table
from contest import PLANT, Home, canary, end, plant
from listener import Listener

RELEASES = ("2026.6.1", "2026.7.1", "2026.9.6")
#: Seconds for a node host to connect: it starts as much as a Gateway does.
NODE_PATIENCE = 90

#: present: slots, the expected winner first. broken: those of them whose reference leads nowhere.
Trial = collections.namedtuple("Trial", "consumer version present broken", defaults=((),))


def name_of(trial):
    return "-".join((trial.consumer, trial.version, "+".join(trial.present) or "nothing")) + (
        "-unresolved" if trial.broken else "")


def trials(consumer, version):
    """Every trial of a consumer in a version: each slot against the next one, and each outcome."""
    order = winner.order_for(consumer, version)
    slots = [slot for slot in order.slots if slot in PLANT]
    found = [Trial(consumer, version, pair) for pair in dict.fromkeys(_pairs(slots))]
    found.append(Trial(consumer, version, ()))
    found += [Trial(consumer, version, (slot, "config")) for slot in order.fatal]
    found += [Trial(consumer, version, (slot,)) for slot in order.alone]
    for (slot, backed), _outcome in order.unresolved.items():
        weaker = [other for other in slots[slots.index(slot):] if other not in winner_table.CONFIG] if (
            slot in slots) else []
        if slot in slots and (weaker or not backed):
            found.append(Trial(consumer, version, (slot,) + tuple(weaker[:1] if backed else ()), (slot,)))
    return found


def _pairs(slots):
    """Each slot and the next one that can be there at the same time; and the forms of one key with the one before."""
    for index, slot in enumerate(slots):
        after = [other for other in slots[index + 1:] if not _same_key(slot, other)]
        before = [other for other in slots[:index] if not _same_key(slot, other)]
        if after:
            yield slot, after[0]
        if before and slot in winner_table.CONFIG:
            yield before[-1], slot


def _same_key(one, other):
    return {one, other} <= set(winner_table.CONFIG)


def hold(trial, place, node, release):
    """Hold a trial and compare. :param place: a fresh directory."""
    home = Home(place / "home", node, release)
    plant(home, trial.present, trial.broken)
    verdict = winner.resolve(trial.present, trial.consumer, trial.version)
    usable = verdict.winner is not None and verdict.winner in trial.present and verdict.winner not in trial.broken
    outcome = None if usable else verdict.outcome
    wins = verdict.winner if usable else None
    if outcome is not None and outcome.effect == "next":
        wins, outcome = verdict.shadowed[0], None
    try:
        HELD[trial.consumer](home, trial, wins, outcome)
    finally:
        home.stop()


def _server(home, trial, wins, outcome):
    code = home.serve()
    said = home.log()
    if outcome is not None and outcome.effect == "exits":
        assert code == outcome.code and outcome.says in said, (code, said[-3000:])
        return
    assert code is None, (code, said[-3000:])
    candidates = [wins] if wins else []
    candidates += [slot for slot in trial.present if slot != wins]
    admitted = [slot for slot in candidates if home.admits(canary(slot))]
    assert admitted == ([wins] if wins else []), (admitted, wins)
    assert (outcome is not None and outcome.effect == "runtime") == (winner_table.RUNTIME.says in said), said[-3000:]
    if outcome is not None and outcome.effect == "locked_out":
        assert home.refusal(canary(trial.present[0])) == outcome.says


def _client(home, trial, wins, outcome):
    if trial.consumer == "remote_client":
        home.settle("gateway.mode", "remote")
        home.settle("gateway.remote.url", "ws://127.0.0.1:%d" % home.port)
        del home.config["gateway"]["auth"]["mode"]
    home.write()
    with Listener(home.port) as listener:
        code, said = home.command("gateway", "call", "health", "--json", *home.arguments)
        presented = listener.presented
    if wins:
        assert [auth.get("token") for auth in presented[:1]] == [canary(wins)], (presented, said)
        return
    assert outcome.effect == "refuses" and not presented, (presented, said)
    assert code == outcome.code and outcome.says in said, (code, said)


def _node_host(home, _trial, wins, outcome):
    home.write()
    with Listener(home.port) as listener:
        process = home.launch("node", "run", "--host", "127.0.0.1", "--port", str(home.port))
        deadline = time.monotonic() + NODE_PATIENCE
        while listener.wait(0.2) is None and process.poll() is None and time.monotonic() < deadline:
            pass
        code = process.poll()
        end(process)
        presented = listener.presented
    if outcome is not None and outcome.effect == "refuses":
        assert not presented and code == outcome.code and outcome.says in home.log(), (presented, code, home.log())
        return
    assert [auth.get("token") for auth in presented[:1]] == [canary(wins) if wins else None], (presented, home.log())


HELD = {"server": _server, "local_client": _client, "remote_client": _client, "node_host": _node_host}
