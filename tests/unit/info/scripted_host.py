# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose launchd answers from a table, and whose files lie below a directory."""
import os
import plistlib
import pwd

from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from ansible_collections.clawops.openclaw.plugins.module_utils._info.wanted import Wanted

LABEL = "ai.openclaw.gateway"
ME = pwd.getpwuid(os.getuid())
GUI, USER = "gui/%d" % ME.pw_uid, "user/%d" % ME.pw_uid
NO_DOMAIN = (112, "", "Could not find domain for user gui: 502\n")
DEFINITION = {
    "Label": LABEL, "ProgramArguments": ["/o/node", "/o/openclaw/index.js", "gateway"], "KeepAlive": True,
    "ThrottleInterval": 30, "EnvironmentVariables": {"OPENCLAW_SUPERVISOR_MODE": "external", "PATH": "/o:/bin"},
}  # fmt: skip


def domain(*services):
    lines = "".join("\t\t%8d      - \t%s\n" % service for service in services)
    return (0, "x = {\n\tservices = {\n%s\t}\n\tdisabled services = {\n\t}\n}\n" % lines, "")


def job(path, state="running", pid=4711, throttle=30, place="system"):
    process = "\tpid = %d\n" % pid if pid else ""
    return (0, "%s/%s = {\n\tpath = %s\n\tstate = %s\n\tprogram = /o/node\n\targuments = {\n\t\t/o/node\n"
            "\t\t/o/openclaw/index.js\n\t\tgateway\n\t}\n\tenvironment = {\n\t\tPATH => /o:/bin\n\t\t"
            "OPENCLAW_SUPERVISOR_MODE => external\n\t}\n\tdomain = %s\n\tminimum runtime = %d\n\truns = 2\n%s"
            "\tproperties = keepalive\n}\n" % (place, LABEL, path, state, place, throttle, process), "")  # fmt: skip


class Questions:
    """Answers C(launchctl print) from a table and nothing else."""

    def __init__(self, answers):
        self.answers = answers

    def hear(self, argv, timeout):
        return self.answers[argv[2]] if argv[1] == "print" else (1, "", "")

    def ask(self, argv):
        raise OSError(2, "not here")

    def end(self):
        pass


class Host:
    """Files below a directory, answers of launchd, and looks at both."""

    def __init__(self, root):
        self.root = root
        for name in ("state", "LaunchDaemons", "agents", "LaunchAgents"):
            (root / name).mkdir()
        self.plist = str(root / "LaunchDaemons" / (LABEL + ".plist"))
        self.answers = {"system": domain((4711, LABEL)), GUI: NO_DOMAIN, USER: domain(),
                        "system/" + LABEL: job(self.plist)}  # fmt: skip

    def define(self, path=None, **changes):
        with open(path or self.plist, "wb") as stream:
            plistlib.dump(dict(DEFINITION, **changes), stream)

    def wanted(self, **options):
        given = {
            "user": ME.pw_name, "state_dir": str(self.root / "state"), "label": LABEL, "port": 1,
            "root": str(self.root / "root"), "launchctl": "/bin/sh",
            "launch_daemons_dir": str(self.root / "LaunchDaemons"), "launch_agents_dir": str(self.root / "agents"),
        }  # fmt: skip
        return Wanted(**dict(given, **options))

    def look(self, **options):
        return observe.Look(self.wanted(**options), Questions(self.answers))

    def section(self, name, found=None, **options):
        look = self.look(**options)
        look.found.update(found or {})
        return observe.SECTIONS[name](look)
