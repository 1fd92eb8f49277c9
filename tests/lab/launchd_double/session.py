# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of session a caller of launchctl sits in."""

# session -> what managername prints
MANAGER = {"aqua": "Aqua", "ssh": "Background", "root": "System", "background": "Background"}
_SSHD = ("sshd", "sshd-session", "sshd-auth")


def identify(pid):
    """(parent pid, command name, start time) of a process, or None when it is gone."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
            text = stream.read()
    except OSError:
        return None
    name, _close, rest = text.partition("(")[2].rpartition(")")
    words = rest.split()
    return int(words[1]), name, words[19]


def find(machine, pid, euid, ssh_hint):
    """(session, context) of the process *pid* of user *euid*: 'aqua', 'ssh', 'root' or 'background', and the uid
    whose bootstrap context 'launchctl asuser' moved it into, or None.

    The process tree decides: a child of sshd is an SSH session whatever sudo did to its environment, a
    descendant of a job belongs to the job's domain. *ssh_hint* (SSH_CONNECTION is set) helps where the tree ends.
    """
    if machine.knobs.session != "auto":
        return machine.knobs.session, None
    jobs = {job.pid: job for job in machine.registry.jobs() if job.process}
    seen = 0
    while pid > 1 and seen < 64:
        step = identify(pid)
        if step is None:
            break
        context = machine.contexts.get((pid, step[2]))
        if context is not None:
            return "aqua" if machine.registry.gui(context) else "background", context
        if step[1] in _SSHD:
            return "ssh", None
        if pid in jobs:
            return {"system": "root", "gui": "aqua", "user": "background"}[jobs[pid].domain.kind], None
        pid = step[0]
        seen += 1
    if ssh_hint:
        return "ssh", None
    if euid in machine.superusers:
        return "root", None
    return "aqua" if machine.registry.gui(euid) else "background", None


def legacy_domain(machine, call):
    """The domain verbs without a target act on: root's is system, otherwise the session decides."""
    if call.context is not None:
        return machine.registry.gui(call.context) or machine.registry.user(call.context)
    if call.root:
        return machine.registry.system
    gui = machine.registry.gui(call.euid) if call.session == "aqua" else None
    return gui or machine.registry.user(call.euid)
