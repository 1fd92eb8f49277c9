# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every property list that the collection writes, held against plistlib, Apple's rules, other programs and launchd."""

import plistlib
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import plist_rules
import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._host import companions, smoke
from ansible_collections.clawops.openclaw.plugins.module_utils._mac import jobs
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plist_edit
from ansible_collections.clawops.openclaw.plugins.module_utils._service import parsing, plist
from ansible_collections.clawops.openclaw.plugins.module_utils._smoke import install

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/lab"))

from launchd_double import definition as launchd

LABEL, HOME = "ai.openclaw.gateway", "/Users/openclaw"
DECLARED = {
    "label": LABEL,
    "program_arguments": ["/opt/openclaw/current/node/bin/node", "/opt/x/a b/index.js", "gateway", "--port", "18789"],
    "working_directory": HOME + "/.openclaw",
    "environment": {},
    "throttle_interval": 30,
    "exit_timeout": 30,
    "log_path": HOME + "/Library/Logs/openclaw/gateway.log",
    "soft_file_limit": 10240,
    "hard_file_limit": 65536,
    "umask": "077",
    "process_type": "Interactive",
}
PYTHON = "/usr/bin/python3"


def gateway(key, state_dir=HOME + "/.openclaw", **changes):
    return plist.definition(dict(DECLARED, **changes), "openclaw", HOME, state_dir, key)


def rotation():
    wanted = SimpleNamespace(user="openclaw", size=10485760, keep=5, interval=300)
    return jobs.rotation(companions.logs(LABEL), PYTHON, wanted, [DECLARED["log_path"], HOME + "/a & b/<log>.txt"])


def raising(**floors):
    return jobs.raising(None, LABEL, list(floors), floors)


DAEMON, AGENT = {"UserName": "openclaw"}, {}
ODD = {"LINE": 'a <b> & "c" \'d\'', "UNICODE": "grüße 🦞", "EMPTY": "", "NUMBER": 18789}
#: What it is -> (the scope, the dictionary). One for each that the collection can make, and for each odd one.
WRITTEN = {
    "gateway, daemon": ("daemon", gateway(DAEMON)),
    "gateway, agent": ("agent", gateway(AGENT)),
    "gateway with a state directory of its own": ("daemon", gateway(DAEMON, "/opt/state dir")),
    "gateway with an odd environment": ("daemon", gateway(DAEMON, environment=ODD)),
    "gateway at the edges": (
        "daemon", gateway(DAEMON, throttle_interval=5, exit_timeout=1, umask="0", process_type="Standard",
                          soft_file_limit=256, hard_file_limit=256),
    ),
    "check of the host, daemon": ("daemon", install.definition(smoke.place(LABEL), PYTHON, 18789, 30, DAEMON)),
    "check of the host, agent": ("agent", install.definition(smoke.place(LABEL), PYTHON, 18789, 86400, AGENT)),
    "logs kept short": ("daemon", rotation()),
    "limits raised": ("daemon", raising(**{"kern.maxfiles": 245760, "kern.maxfilesperproc": 122880})),
    "one limit raised": ("daemon", raising(**{"kern.maxfilesperproc": 122880})),
}  # fmt: skip
#: Where a job of ours is put into words; whoever adds one adds it to WRITTEN.
WRITERS = {"_mac/jobs.py", "_smoke/install.py", "_service/plist.py"}


def test_every_writer_is_here():
    rooms = ROOT / "plugins/module_utils"
    found = {
        str(file.relative_to(rooms))
        for file in rooms.rglob("*.py")
        if re.search(r"""ProgramArguments=|["']ProgramArguments["']: """, file.read_text("utf-8"))
    }
    # Two only name the key: one compares definitions, one takes secrets out of those of others (tested below).
    assert found - {"_service/compare.py", "_secrets/plist_edit.py"} == WRITERS


@pytest.fixture(params=WRITTEN, ids=str)
def written(request):
    """(scope, dictionary, its bytes)."""
    scope, definition = WRITTEN[request.param]
    return scope, definition, parsing.render(definition)


def test_it_says_what_it_shall_say(written):
    dummy, definition, data = written
    assert plistlib.loads(data) == definition
    assert plistlib.loads(data, fmt=plistlib.FMT_XML) == definition


def test_it_is_a_property_list_of_apples(written):
    plist_rules.check_document(written[2])


def test_it_is_a_job_that_launchd_can_use(written):
    scope, definition, data = written
    assert plist_rules.check_job(data, scope) == definition
    # The double refuses types as launchd does, and its reading is another one.
    job = launchd.Definition(plistlib.loads(data), "/x.plist")
    launchd.check_session(job, {"daemon": "system", "agent": "gui"}[scope])
    assert (job.label, job.arguments) == (definition["Label"], definition["ProgramArguments"])


def test_xmllint_takes_it(written, tmp_path):
    assert plist_rules.xmllint(written[2], tmp_path / "x.plist"), "no xmllint here: make setup installs libxml2-utils"


def test_plistutil_reads_the_same(written, tmp_path):
    back = plist_rules.plistutil(written[2], tmp_path)
    assert back is not None, "no plistutil here: make setup installs libplist-utils"
    assert plistlib.loads(back) == written[1]
    plist_rules.check_document(back)


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_one_without_its_secret_is_still_one(fmt):
    """Of somebody else's job: what a token was taken out of."""
    environment = {"OPENCLAW_GATEWAY_TOKEN": "x" * 40, "PATH": "/usr/bin:/bin"}
    arguments = ["/usr/local/bin/node", "gateway", "--token", "x" * 40, "--port", "18789"]
    before = {"Label": "com.example.node", "ProgramArguments": arguments, "EnvironmentVariables": environment,
              "UserName": "openclaw", "KeepAlive": True}  # fmt: skip
    data = plist_edit.without(plistlib.dumps(before, fmt=fmt), {"OPENCLAW_GATEWAY_TOKEN", "--token"})
    after = plist_rules.check_job(data, "daemon")
    assert after["ProgramArguments"] == arguments[:2] + arguments[4:]
    assert after["EnvironmentVariables"] == {"PATH": "/usr/bin:/bin"}
    if fmt == plistlib.FMT_XML:
        plist_rules.check_document(data)


# -- the rules can refuse --------------------------------------------------------------------------

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
)
BAD_DOCUMENTS = {
    "no document type": '<plist version="1.0"><dict/></plist>',
    "another root": HEAD + "<dict/>",
    "no version": HEAD + "<plist><dict/></plist>",
    "two values": HEAD + '<plist version="1.0"><dict/><dict/></plist>',
    "unclosed": HEAD + '<plist version="1.0"><dict>',
    "a value without a key": HEAD + '<plist version="1.0"><dict><true/></dict></plist>',
    "a key without a value": HEAD + '<plist version="1.0"><dict><key>a</key></dict></plist>',
    "two keys": HEAD + '<plist version="1.0"><dict><key>a</key><key>b</key></dict></plist>',
    "a key twice": HEAD + '<plist version="1.0"><dict><key>a</key><true/><key>a</key><false/></dict></plist>',
    "an unknown element": HEAD + '<plist version="1.0"><dict><key>a</key><bool>true</bool></dict></plist>',
    "an attribute": HEAD + '<plist version="1.0"><dict><key>a</key><string id="1">b</string></dict></plist>',
    "no integer": HEAD + '<plist version="1.0"><dict><key>a</key><integer>1.5</integer></dict></plist>',
    "text between": HEAD + '<plist version="1.0"><dict>x<key>a</key><true/></dict></plist>',
    "an element in a text": HEAD + '<plist version="1.0"><array><string><true/></string></array></plist>',
    "true that is not empty": HEAD + '<plist version="1.0"><array><true>1</true></array></plist>',
}


@pytest.mark.parametrize("document", BAD_DOCUMENTS.values(), ids=list(BAD_DOCUMENTS))
def test_what_is_no_property_list_is_refused(document):
    with pytest.raises(plist_rules.Wrong):
        plist_rules.check_document(document.encode())


BAD_JOBS = (
    {"Label": None}, {"ProgramArguments": None}, {"ProgramArguments": []}, {"ProgramArguments": ["node"]},
    {"ProgramArguments": ["~/node"]}, {"ProgramArguments": ["/bin/sh", 5]}, {"KeepAlife": True},
    {"ThrottleInterval": 0}, {"ThrottleInterval": True}, {"ThrottleInterval": 1.5}, {"ThrottleInterval": "30"},
    {"ExitTimeOut": 0}, {"WorkingDirectory": "~/x"}, {"StandardOutPath": "$HOME/x"}, {"StandardErrorPath": "x"},
    {"EnvironmentVariables": {"PORT": 1}}, {"EnvironmentVariables": {"A B": "c"}}, {"Umask": 0o1000},
    {"Umask": "077"}, {"ProcessType": "Fast"}, {"RunAtLoad": 1}, {"UserName": None},
    {"SoftResourceLimits": {"NumberOfFiles": 10**6}}, {"HardResourceLimits": {"Files": 1024}},
    {"HardResourceLimits": None},
)  # fmt: skip


@pytest.mark.parametrize("changes", BAD_JOBS, ids=str)
def test_what_is_no_job_is_refused(changes):
    definition = {key: value for key, value in dict(gateway(DAEMON), **changes).items() if value is not None}
    with pytest.raises(plist_rules.Wrong):
        plist_rules.check_job(plistlib.dumps(definition), "daemon")
