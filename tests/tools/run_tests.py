# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs kinds of tests, two lanes side by side, and says what ran.

    .venv/bin/python tests/tools/run_tests.py             every kind that `make test` stands for
    .venv/bin/python tests/tools/run_tests.py lint unit   just these

The table of kinds is in kinds.py. A kind fails if a step fails, and also if it ran no test at all. The whole output of
a kind goes to build/logs/KIND.log. The last line is `N passed, N failed`.
"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import kinds

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build/logs"
HEARTBEAT_S = 20
STEP_LIMIT_S = 60 * 60
STARTED = time.monotonic()
#: Steps that run now.
STEPS = set()


class Outcome:
    """What became of one kind: counts, seconds, and how its failed steps ended."""

    def __init__(self, kind):
        self.kind = kind
        self.passed = self.failed = self.skipped = 0
        self.began = time.monotonic()
        self.seconds = None
        self.broken = []
        self.log = LOGS / f"{kind.name}.log"

    @property
    def ok(self):
        return not self.failed and self.passed > 0


def say(text):
    """One line with the seconds since the start, at once and whole, whichever thread says it."""
    sys.stdout.write(f"[{time.monotonic() - STARTED:4.0f} s] {text}\n")
    sys.stdout.flush()


def labs():
    """Where the labs of this clone's tests are: two clones on one machine must not reset each other's hosts."""
    cache = os.environ.get("OPENCLAW_LAB_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "clawops-openclaw"
    )
    return os.path.join(cache, f"labs-{zlib.crc32(os.fsencode(ROOT)):08x}")


def environment():
    """What a step sees: this clone's tools first, this clone as the collection, a locale that Ansible accepts."""
    return dict(
        os.environ,
        OPENCLAW_LAB_STATE=os.environ.get("OPENCLAW_LAB_STATE") or labs(),
        PATH=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}",
        ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build/collections"),
        ANSIBLE_NOCOLOR="1",
        NO_COLOR="1",
        LC_ALL="C.UTF-8",
        PYTHONDONTWRITEBYTECODE="1",
        # So that a heartbeat can show what a step is at.
        PYTHONUNBUFFERED="1",
    )


def wait(process, stream):
    """Waits for a step; one that takes far too long is ended with all it started. Returns its exit code."""
    STEPS.add(process)
    try:
        return process.wait(STEP_LIMIT_S)
    except subprocess.TimeoutExpired:
        end(process)
        stream.write(f"\nended after {STEP_LIMIT_S} seconds\n")
        return process.wait()
    finally:
        STEPS.discard(process)


def end(process):
    """Ends a step and what it started: it leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


def run_step(step, log):
    """Runs one step with its output appended to `log`; returns (passed, failed, skipped)."""
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"\n===== {step.title}: {' '.join(step.argv)}\n")
        stream.flush()
        start = stream.tell()
        code = wait(
            subprocess.Popen(
                step.argv, cwd=ROOT, env=dict(environment(), **step.env), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
            ),
            stream,
        )
    with log.open("rb") as stream:
        stream.seek(start)
        text = stream.read().decode("utf-8", "replace")
    passed, failed, skipped = step.count(text, code)
    # A step that failed without a failed test (it could not start, say) must not be taken for a good one.
    if code != 0 and not failed:
        failed = 1
    return passed, failed, skipped


def run_kind(outcome):
    """Runs the steps of one kind one after the other; a failed step does not stop the later ones."""
    outcome.log.write_text("")
    for step in outcome.kind.steps():
        passed, failed, skipped = run_step(step, outcome.log)
        outcome.passed += passed
        outcome.failed += failed
        outcome.skipped += skipped
        if failed:
            outcome.broken.append(step.title)
    outcome.seconds = time.monotonic() - outcome.began
    verdict = "ok" if outcome.ok else f"FAILED ({', '.join(outcome.broken) or 'no test ran'})"
    say(f"{outcome.kind.name}: {verdict}, {outcome.passed} passed, {outcome.failed} failed, {outcome.seconds:.0f} s")


def run_lane(lane, outcomes, running):
    for kind in lane:
        outcome = Outcome(kind)
        outcomes.append(outcome)
        running[kind.name] = outcome
        say(f"{kind.name}: {kind.about}")
        run_kind(outcome)
        del running[kind.name]


def last_line(log):
    """The last line that says something, shortened: what a long step is at."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:90] for line in reversed(lines) if line.strip(" =-.\t")), "")


def complaints(log):
    """The lines of a log in which pytest, ansible-test and a play name what failed; the first ones say most."""
    lines = log.read_text("utf-8", "replace").splitlines()
    named = [line[:300] for line in lines if line.startswith(("FAILED ", "ERROR ", "ERROR: ", "FATAL: "))][:15]
    return [*refusals(lines), *named]


def refusals(lines):
    """What a play says of each task that failed, with the task's name: Molecule's log ends long after it.

    A failure that the play ignores is none.
    """
    said, task, more, begun = [], "", 0, 0
    for line in lines:
        if "TASK [" in line:
            task, more = line[line.index("TASK [") :].rstrip(" *"), 0
        elif re.search(r"\b(fatal|failed): \[", line):
            more, begun = 12, len(said)
            said.append(task)
        elif line.strip() == "...ignoring":
            del said[begun:]
            more = 0
        if more and line.strip():
            said.append(line[:1000])
            more -= 1
    return said[:60]


def summarize(outcomes, remarks):
    """Prints the ends of the logs of what failed, the table, what failed, what could not be run, and the closing line.

    What matters most comes last, since some places keep only the end of what was printed.
    """
    for outcome in outcomes:
        if not outcome.ok:
            print(f"\n----- {outcome.kind.name}: the end of {outcome.log.relative_to(ROOT)}")
            print("\n".join(outcome.log.read_text("utf-8", "replace").splitlines()[-40:]))
    print(f"\n{'kind':<13}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}   log")
    for outcome in outcomes:
        print(
            f"{outcome.kind.name:<13}{outcome.passed:>8}{outcome.failed:>8}{outcome.skipped:>9}{outcome.seconds:>9.0f}"
            f"   {outcome.log.relative_to(ROOT)}{'' if outcome.ok else '   <-- FAILED'}"
        )
    for outcome in outcomes:
        for line in [] if outcome.ok else complaints(outcome.log):
            print(f"{outcome.kind.name}: {line}")
    for remark in remarks:
        print(f"NOT RUN: {remark}")
    passed = sum(outcome.passed for outcome in outcomes)
    # A kind without a single test is a failure that no counter shows.
    failed = sum(outcome.failed or int(not outcome.ok) for outcome in outcomes)
    print(f"{time.monotonic() - STARTED:.0f} seconds in all")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def watch(threads, running):
    """Returns when all lanes are through; until then says now and then what each is at."""
    beat = time.monotonic()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.1)
        if time.monotonic() - beat >= HEARTBEAT_S:
            beat = time.monotonic()
            for name, outcome in list(running.items()):
                say(f"  {name}, {beat - outcome.began:.0f} s: {last_line(outcome.log)}")


def main(names):
    LOGS.mkdir(parents=True, exist_ok=True)
    unknown = sorted(set(names) - set(kinds.KINDS))
    if unknown:
        print(f"no such kind: {', '.join(unknown)}; there are {', '.join(kinds.KINDS)}")
        return 2
    chosen = [kinds.KINDS[name] for name in names] or [kind for kind in kinds.KINDS.values() if kind.in_test]
    lanes = [[kind for kind in chosen if kind.lane == lane] for lane in kinds.LANES]
    outcomes, running = [], {}
    threads = [threading.Thread(target=run_lane, args=(lane, outcomes, running), daemon=True) for lane in lanes if lane]
    # A polite end from outside is one from the keyboard: the steps lead process groups of their own and would live on.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for thread in threads:
        thread.start()
    try:
        watch(threads, running)
    except KeyboardInterrupt:
        for process in list(STEPS):
            end(process)
        return 130
    order = list(kinds.KINDS)
    outcomes.sort(key=lambda outcome: order.index(outcome.kind.name))
    return summarize(outcomes, [remark for kind in chosen for remark in kind.missing()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
