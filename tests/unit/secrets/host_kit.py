# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the survey have in common."""
import collections
import json
import os
import plistlib

from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

Account = collections.namedtuple("Account", "name uid gid home")
T = "CANARY-canary-CANARY-canary"
PRINT = fingerprint(T)
LABEL = "ai.openclaw.gateway"
NAME = "OPENCLAW_GATEWAY_TOKEN"
LINE = "%s=%s\n" % (NAME, T)
CONFIG = json.dumps({"gateway": {"auth": {"token": T}}})
ME = os.geteuid()
#: Somebody else, whose rights root can take.
OTHER = 12345


def job(**more):
    return plistlib.dumps(dict({"Label": LABEL}, **more))


def printed(environment=(), header="gui/1"):
    pairs = "".join("\t\t%s => %s\n" % pair for pair in environment)
    return "%s = {\n\ttype = login\n\tenvironment = {\n%s\t}\n\n\tservices = {\n\t\t%s => no\n\t}\n}\n" % (
        header, pairs, NAME,
    )  # fmt: skip


def printed_job(pid="", arguments=(), environment=(), inherited=()):
    return (
        "system/x = {\n\tstate = running\n\n\targuments = {\n%s\t}\n\n\tinherited environment = {\n%s\t}\n\n"
        "\tenvironment = {\n%s\t}\n\n\tdomain = system\n%s\tresource coalition = {\n\t\tpid = 1\n\t}\n}\n"
    ) % (
        "".join("\t\t%s\n" % word for word in arguments),
        "".join("\t\t%s => %s\n" % pair for pair in inherited),
        "".join("\t\t%s => %s\n" % pair for pair in environment),
        pid and "\tpid = %s\n" % pid,
    )
