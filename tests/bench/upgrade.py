# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For how long an upgrade leaves the clients of a Gateway without it, held against a bare restart of the same Gateway.

    python tests/bench/upgrade.py [HOSTS] [ROUNDS]

Hosts with 2026.7.1 and a client that holds an authenticated connection are upgraded to 2026.9.6 by the deploy playbook,
one after the other. Each is then restarted by launchd alone, so many times, brought back by the rollback playbook, and
upgraded by hand, before the next one's turn. Writes docs/upgrade.md.
"""
import datetime
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from page import machine
from upgrade_kit import NEW, OLD, PATIENCE, SERVICE, Fleet

ROOT = Path(__file__).resolve().parents[2]
BUDGET = 1.2

HEAD = """<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by `make bench-upgrade`; do not edit. -->
# What an upgrade costs

A client holds an authenticated WebSocket connection to each Gateway while `playbooks/deploy.yml` takes it from
OpenClaw {old} to {new}, and takes it up again as soon as it can. **Away** is how long it was without one. **Bare
restart** is the same after `launchctl kickstart -k` of the upgraded Gateway, the median of {rounds}. **By hand** is the
same after a person's upgrade of the same host, brought back to where it was: the link to the release set,
`launchctl kickstart -k`, and no check, no trial and no copy.

Everything but the restart is done before it: the release is unpacked, judges the configuration, is started once by
itself, and the state is copied. What the upgrade has on top of a restart is the first start on an older state.
Started from a shell on a copy of such a state, without launchd and with nothing of this collection at work, OpenClaw
2026.9.6 was ready after 11.8 to 15.5 s, and the next time after 9.1 to 11.0 s: seven pairs on two cores of an AMD EPYC
in November 2026, their ratios 1.16 to 1.50, median 1.32. Its own trace
(`OPENCLAW_GATEWAY_STARTUP_TRACE=1`) has the difference, three seconds, in its
bootstrap: it backs up its database, moves it from schema to schema, takes over what was in files, and reads its
configuration six times instead of once. More than half of that is no work (in one profile): it waits for the threads
that it starts, one after the other, to open a database in each. None of it can be done before the old Gateway has
ended, because that writes until then. Node's compile cache would shorten all starts alike, by a tenth where it is warm;
OpenClaw switches it off for its services on macOS, and so it stays off.

On simulated Macs, one after the other: one host is upgraded and restarted while the others are idle, and the controller
beside them has the lowest priority. The ratio is what holds elsewhere; at most {budget} is wanted. {machine}

"""


def at_ease(busy=0.1, apart=3, patience=180):
    """Wait until the machine has little to do: a Gateway works on for a while after it is ready, and what one host does
    must not count against the next, which has processors of its own elsewhere.

    :param busy: part of the time of all processors. :param apart: seconds over which it is taken.
    :param patience: seconds.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        before, begun = _idle(), time.monotonic()
        time.sleep(apart)
        if 1 - (_idle() - before) / ((time.monotonic() - begun) * os.cpu_count()) < busy:
            return


def _idle():
    """Return for how many seconds the processors had nothing to do so far, all together."""
    user_nice_system_idle = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return int(user_nice_system_idle[3]) / os.sysconf("SC_CLK_TCK")


def by_hand(fleet, name, client):
    """Bring a host back to where it was, and upgrade it as without this collection: no check, no trial, no copy.

    :return: seconds without a connection.
    """
    before = fleet.snapshots(name)[-1]
    done = fleet.play("rollback", NEW, target=name, rollback_timeout=PATIENCE, rollback_state=True, rollback_to=before)
    if done.rc:
        raise SystemExit("upgrade: the way back failed:\n" + done.out)
    connections = len(client.outages()) + 1
    client.wait_for(connections)
    if client.outages()[-1][1] != OLD:
        raise SystemExit("upgrade: %s does not run %s after the way back" % (name, OLD))
    at_ease()
    fleet.sh(name, "ln -sfn releases/%s /opt/openclaw/current && launchctl kickstart -k %s" % (NEW, SERVICE))
    client.wait_for(connections + 1)
    seconds, version = client.outages()[-1]
    if version != NEW:
        raise SystemExit("upgrade: %s runs %s after an upgrade by hand" % (name, version))
    return seconds


def measure(fleet, rounds):
    """Upgrade and restart; returns a row for each host."""
    clients = fleet.clients()
    try:
        before = {name: fleet.starts(name) for name in fleet.names}
        # A controller is a machine of its own. Here it shares the processors with the hosts, and must not take theirs.
        os.nice(19)
        rows = []
        for name, client in clients.items():
            at_ease()
            done = fleet.deploy(NEW, target=name)
            if done.rc:
                raise SystemExit("upgrade: the playbook failed:\n" + done.out)
            client.wait_for(2)
            away = client.outages()
            again = fleet.deploy(NEW, target=name)
            if again.rc or again.recap[name]["changed"]:
                raise SystemExit("upgrade: a second run is not idle:\n" + again.out)
            starts = fleet.starts(name) - before[name]
            for number in range(rounds):
                at_ease()
                fleet.restart(name)
                client.wait_for(3 + number)
            bare = [seconds for seconds, _version in client.outages()[len(away):]]
            rows.append({"host": name, "away": sum(seconds for seconds, _version in away), "outages": len(away),
                         "starts": starts, "bare": statistics.median(bare), "by_hand": by_hand(fleet, name, client)})
            said = "upgrade  %(host)s: away %(away).1f s in %(outages)d, %(starts)d start, bare restart %(bare).1f s, "
            print((said + "by hand %(by_hand).1f s") % rows[-1], flush=True)
        return rows
    finally:
        for client in clients.values():
            client.end()


def page(rows, rounds, on):
    """Return the page. Pure."""
    said = HEAD.format(old=OLD, new=NEW, rounds=rounds, budget=BUDGET, machine=on)
    said += "| host | starts | outages | away | bare restart | ratio | by hand | ratio |\n" + "| --- " * 8 + "|\n"
    for row in rows:
        said += "| %s | %d | %d | %.1f s | %.1f s | %.2f | %.1f s | %.2f |\n" % (
            row["host"], row["starts"], row["outages"], row["away"], row["bare"], row["away"] / row["bare"],
            row["by_hand"], row["away"] / row["by_hand"])  # fmt: skip
    for held_against, what in (("bare", "a bare restart"), ("by_hand", "an upgrade by hand")):
        ratio = statistics.median(row["away"] / row[held_against] for row in rows)
        verdict = "kept" if ratio <= BUDGET else "**not kept**"
        said += "\nMedian of the ratios to %s: %.2f; the budget of %.1f is %s.\n" % (what, ratio, BUDGET, verdict)
    return said


def main(hosts=5, rounds=3):
    with tempfile.TemporaryDirectory() as scratch:
        fleet = Fleet("bench-upgrade", hosts, scratch)
        try:
            rows = measure(fleet, rounds)
        finally:
            fleet.end()
    told = machine()
    on = "Machine: %s cores (%s), %s GiB, %s; load %.1f at the end. Measured %s." % (
        told["cores"], told["cpu"], told["memory_gib"], told["system"], os.getloadavg()[0],
        datetime.date.today().isoformat())  # fmt: skip
    (ROOT / "docs/upgrade.md").write_text(page(rows, rounds, on))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
