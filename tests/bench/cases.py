# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, and what of it is judged: two tables. Nothing here runs anything."""
from collections import namedtuple

#: The Gateway's own commands that people climb when they want to know how it is.
LADDER = (("status",), ("gateway", "status"), ("doctor", "--lint"), ("channels", "status"))
#: Modules whose cost on a host itself is measured -> their options.
MODULES = {
    "ansible.builtin.ping": "", "clawops.openclaw.openclaw_info": "user=openclaw port=18789",
    "clawops.openclaw.openclaw_probe": "user=openclaw port=18789",
}

#: A way to ask a fleet. tool: ansible or pyinfra. share: of the rounds of a size, this many are enough for it.
#: cold: SSH connections are closed before.
Case = namedtuple("Case", "name about tool what options share cold", defaults=((), 1.0, False))
QUIET = ("-e", "audit_fail=false", "-e", "audit_show=false")
CASES = (
    Case("ping", "one `ansible.builtin.ping` task", "ansible", "tests/bench/ping.yml"),
    Case("look", "one `openclaw_info` task: the look without judging and report", "ansible", "tests/bench/info.yml"),
    Case("audit", "`playbooks/audit.yml`: look, judge, report as HTML and JSON", "ansible", "playbooks/audit.yml",
         QUIET),
    Case("ping, cold", "the same ping, SSH connections closed before", "ansible", "tests/bench/ping.yml", cold=True),
    Case("audit, cold", "the same audit, SSH connections closed before", "ansible", "playbooks/audit.yml", QUIET,
         cold=True),
    Case("tasks", "35 questions of the audit, a task each (`tests/bench/questions.yml`)", "ansible",
         "tests/bench/questions.yml", share=0.4),
    Case("pyinfra", "the same 35 questions by pyinfra (`tests/bench/ask_pyinfra.py`), which connects anew each run",
         "pyinfra", "tests/bench/ask_pyinfra.py", share=0.4),
    Case("status", "`playbooks/status.yml`", "ansible", "playbooks/status.yml", share=0.4),
)  # fmt: skip

#: A number worth knowing. value: function of the findings. limit: at most that, None: shown, not judged.
#: each: once for each size, else once. needs: the case of CASES without which there is nothing to tell.
Number = namedtuple("Number", "name value limit each needs", defaults=(False, None))


def ratio(one, other):
    """Return a function of (findings, size): one case by another, each at its quickest.

    Whatever else a machine does only adds to a time: the least of some rounds is nearest to what a case itself costs.
    """
    return lambda found, size: found["seconds"][size][one]["least"] / found["seconds"][size][other]["least"]


def _per_host(found):
    sizes = sorted(found["seconds"], key=int)
    least, most = (found["seconds"][size]["audit"]["least"] / int(size) for size in (sizes[0], sizes[-1]))
    return most / least


def _ladder(found):
    return found["modules"]["clawops.openclaw.openclaw_info"]["least_s"] / found["ladder"]["total_s"]


NUMBERS = (
    Number("module runs of an audit, most on one host", lambda found: found["module_runs"]["audit"], 1),
    Number("audit by ping, warm", ratio("audit", "ping"), 1.5, True, "audit"),
    Number("audit by ping, cold", ratio("audit, cold", "ping, cold"), 1.5, True, "audit, cold"),
    Number("look by ping, warm", ratio("look", "ping"), None, True, "look"),
    Number("audit by the same questions as tasks", ratio("audit", "tasks"), None, True, "tasks"),
    Number("audit by the same questions by pyinfra", ratio("audit, cold", "pyinfra"), None, True, "pyinfra"),
    Number("status by ping", ratio("status", "ping"), None, True, "status"),
    Number("openclaw_info by the commands of OpenClaw, on the host", _ladder, 1 / 50),
    Number("seconds for each host, of the largest size by the smallest", _per_host, 1.15),
    Number("module runs of a deploy without change, most on one host",
           lambda found: found["module_runs"]["deploy"], 12),
    Number("restarts of Gateways by all of this", lambda found: found["restarts"], 0),
    Number("resident memory of openclaw_info on the host, MiB",
           lambda found: found["modules"]["clawops.openclaw.openclaw_info"]["peak_mib"], 60),
    Number("resident memory of openclaw_probe on the host, MiB",
           lambda found: found["modules"]["clawops.openclaw.openclaw_probe"]["peak_mib"], 60),
)  # fmt: skip


def judged(found):
    """Return the rows of the numbers: dicts of name, size (None: of all), value, limit, ok (None: not judged)."""
    rows = []
    for number in NUMBERS:
        for size in sorted(found["seconds"], key=int) if number.each else [None]:
            if number.needs and number.needs not in found["seconds"][size]:
                continue
            value = number.value(found, size) if number.each else number.value(found)
            ok = None if number.limit is None else value <= number.limit
            rows.append({"name": number.name, "hosts": size and int(size), "value": value, "limit": number.limit,
                         "ok": ok})  # fmt: skip
    return rows
