# SPDX-License-Identifier: GPL-3.0-or-later
"""job.py PLIST TARGET: the definition says what it has to, and launchd runs that for the first time."""
import plistlib
import re
import subprocess
import sys

with open(sys.argv[1], "rb") as stream:
    plist = plistlib.load(stream)
expected = {
    "Label": "ai.openclaw.gateway",
    "KeepAlive": True,
    "RunAtLoad": True,
    "ThrottleInterval": 30,
    "ExitTimeOut": 30,
    "ProcessType": "Interactive",
    "Umask": 0o77,
    "WorkingDirectory": "/Users/openclaw/.openclaw",
    "ProgramArguments": [
        "/opt/openclaw/current/node/bin/node",
        "/opt/openclaw/current/lib/node_modules/openclaw/dist/index.js",
        "gateway", "--port", "18789",
    ],
}  # fmt: skip
wrong = {key: plist.get(key) for key, value in expected.items() if plist.get(key) != value}
assert not wrong, wrong
assert plist["SoftResourceLimits"]["NumberOfFiles"] == 10240, plist["SoftResourceLimits"]
assert ("UserName" in plist) == sys.argv[2].startswith("system/"), plist.get("UserName")
assert plist["EnvironmentVariables"]["OPENCLAW_SUPERVISOR_MODE"] == "external"
assert not [key for key in plist["EnvironmentVariables"] if "TOKEN" in key]

shown = subprocess.run(["/bin/launchctl", "print", sys.argv[2]], stdout=subprocess.PIPE, check=True).stdout.decode()
for line in ("state = running", "runs = 1", "minimum runtime = 30", "exit timeout = 30"):
    assert re.search(r"^\t%s$" % re.escape(line), shown, re.M), "%r is not in\n%s" % (line, shown)
