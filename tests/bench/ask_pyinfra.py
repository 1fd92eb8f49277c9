# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What questions.yml asks, asked by pyinfra: `pyinfra INVENTORY ask_pyinfra.py`. Each answer is a fact of the host."""
from pyinfra import host
from pyinfra.facts import files, server

STATE = "/Users/openclaw/.openclaw"
LABEL = "ai.openclaw.gateway"
PLIST = "/Library/LaunchDaemons/ai.openclaw.gateway.plist"
LOG = "/Users/openclaw/Library/Logs/openclaw/gateway.log"
#: Python asks the Gateway, because it is there on each host; a Mac's curl would do the same.
GET = "/usr/bin/python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read())' http://127.0.0.1:18789"
TOKEN = (
    "/usr/bin/python3 -c 'import json, urllib.request as u; "
    't = json.load(open("%s/openclaw.json"))["gateway"]["auth"]["token"]; '
    'print(u.urlopen(u.Request("http://127.0.0.1:18789/tools/invoke", b"{\\"tool\\": \\"sessions_list\\"}", '
    '{"Authorization": "Bearer " + t, "Content-Type": "application/json"})).status)\'' % STATE
)
CLOSED = (
    "/usr/bin/python3 -c 'import socket, sys; s = socket.socket(); s.settimeout(1); "
    "print(s.connect_ex((sys.argv[1], 18789)))' %s"
)
FILES = {
    "State directory": (files.Directory, STATE), "Configuration file": (files.File, STATE + "/openclaw.json"),
    "Definition": (files.File, PLIST), "Release": (files.Link, "/opt/openclaw/current"),
    "Devices": (files.File, STATE + "/state/openclaw.sqlite"),
}  # fmt: skip
COMMANDS = {
    "System version": "sw_vers -productVersion",
    "Account": "id openclaw",
    "Configuration": f"cat {STATE}/openclaw.json",
    "Files that others may read": f"find {STATE} -maxdepth 2 -type f -perm -044",
    "Backups": f"find {STATE} -maxdepth 1 -name 'openclaw.json.*'",
    "Locks": f"find {STATE}/tmp -name '*.lock'",
    "Other places of a token": "grep -ls OPENCLAW_GATEWAY_TOKEN /Users/openclaw/.zshrc /Users/openclaw/.zprofile "
                               f"/Users/openclaw/.bash_profile {STATE}/.env {PLIST} || true",
    "What is defined": f"cat {PLIST}",
    "Other definitions": "grep -lsri openclaw /Library/LaunchDaemons /Library/LaunchAgents "
                         "/Users/openclaw/Library/LaunchAgents || true",
    "Job": f"launchctl print system/{LABEL} || true",
    "Job in the session of its user": f"launchctl print gui/502/{LABEL} || true",
    "Other jobs": "launchctl print system | grep -Ei 'openclaw|clawdbot|moltbot' || true",
    "Disabled jobs": "launchctl print-disabled system",
    "Environment of launchd": "launchctl getenv OPENCLAW_GATEWAY_TOKEN || true",
    "Who listens": "lsof -nP -iTCP:18789 -sTCP:LISTEN || true",
    "Closed to others": CLOSED % host.name,
    "Alive": GET + "/healthz",
    "Ready": GET + "/readyz",
    "Version that runs": GET + "/startupz",
    "Token is taken": TOKEN,
    "Version of the release": "cat /opt/openclaw/current/lib/node_modules/openclaw/package.json",
    "Node of the release": "/opt/openclaw/current/node/bin/node --version",
    "What people start": "sudo -n -H -u openclaw /bin/bash -c 'type -ap node openclaw' || true",
    "Log": f"tail -n 400 {LOG}",
    "Refused in the log": f"grep -c unauthorized {LOG} || true",
    "Disk": f"df -k {STATE}",
    "Memory": "memory_pressure -Q",
    "Swap": "sysctl -n vm.swapusage",
    "Power": "pmset -g custom",
    "FileVault": "fdesetup status",
}  # fmt: skip


def ask():
    """Ask this host everything; return the answers by question."""
    told = {name: host.get_fact(fact, path=path, _sudo=True) for name, (fact, path) in FILES.items()}
    told.update({name: host.get_fact(server.Command, command=command, _sudo=True)
                 for name, command in COMMANDS.items()})
    return told


#: What there is nothing to say about on a host in order.
SILENT = {"Files that others may read", "Backups", "Other places of a token", "Job in the session of its user",
          "Environment of launchd", "What people start"}
missing = {name for name, answer in ask().items() if answer is None} - SILENT
if missing:
    raise SystemExit("no answer on %s to: %s" % (host.name, ", ".join(sorted(missing))))
