# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two shapes of list. Pure."""


def table(jobs):
    """PID, status and label of every job, TAB separated."""
    rows = ["PID\tStatus\tLabel"]
    rows += ["%s\t%d\t%s" % (job.pid or "-", job.list_status(), job.label) for job in jobs]
    return "\n".join(rows) + "\n"


def _quoted(value):
    return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')


def one(job):
    """The dictionary of one job; LastExitStatus is the raw wait(2) status."""
    definition = job.definition
    session = {"system": "System", "user": "Background", "gui": "Aqua"}[job.domain.kind]
    fields = [
        ("StandardOutPath", definition.get("StandardOutPath") and _quoted(definition.get("StandardOutPath"))),
        ("LimitLoadToSessionType", _quoted(session)),
        ("StandardErrorPath", definition.get("StandardErrorPath") and _quoted(definition.get("StandardErrorPath"))),
        ("Label", _quoted(job.label)),
        ("OnDemand", "false" if definition.keep_alive else "true"),
        ("LastExitStatus", str(job.wait_status)),
        ("PID", str(job.pid) if job.pid else None),
        ("Program", _quoted(definition.program)),
    ]
    lines = ['\t"%s" = %s;' % (name, value) for name, value in fields if value]
    arguments = ["\t\t%s;" % _quoted(item) for item in definition.arguments]
    return "\n".join(["{"] + lines + ['\t"ProgramArguments" = ('] + arguments + ["\t);", "};"]) + "\n"
