# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property lists: what a job is handed, whose job it is, and the same file without it."""
import plistlib

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._names import may_concern
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import plist_edit, plists, sources, strip
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

T = "CANARY-canary-CANARY-canary"
PRINT = fingerprint(T)
LABEL = "ai.openclaw.gateway"
NAME = "OPENCLAW_GATEWAY_TOKEN"
NAMES = {NAME, "--token"}
RUN = ["/x/node", "/x/openclaw/dist/index.js", "gateway", "--port", "1"]


def job(fmt=plistlib.FMT_XML, **more):
    return plistlib.dumps(dict({"Label": LABEL}, **more), fmt=fmt)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (job(EnvironmentVariables={NAME: T}), [("plist_environment", True, "ours", NAME)]),
        (job(EnvironmentVariables={"OPENCLAW_GATEWAY_PASSWORD": T}),
         [("plist_environment", True, "ours", "OPENCLAW_GATEWAY_PASSWORD")]),
        (job(EnvironmentVariables={NAME: T}, Comment="OpenClaw Gateway"),
         [("plist_environment", True, "openclaw", NAME)]),
        (job(ProgramArguments=["/bin/sh", "/x/%s-env-wrapper.sh" % LABEL, "/e", *RUN, "--token", T]),
         [("plist_argument", True, "openclaw", "--token")]),
        (job(ProgramArguments=[*RUN, "--token", T]), [("plist_argument", True, "ours", "--token")]),
        (job(ProgramArguments=[*RUN, "--token=" + T]), [("plist_argument", True, "ours", "--token")]),
        (job(ProgramArguments=["/bin/sh", "-c", "exec openclaw gateway --token '%s' >/dev/null" % T]),
         [("plist_argument", True, "ours", "--token")]),
        (job(ProgramArguments=[*RUN, "--password", T]), [("plist_argument", True, "ours", "--password")]),
        (job(ProgramArguments=[*RUN, "--token"], EnvironmentVariables={"PATH": "/bin"}), []),
        (job(ProgramArguments=[*RUN, "--token="]), []),
        (job(EnvironmentVariables={NAME: " "}), []),
        (job(EnvironmentVariables=[NAME], ProgramArguments={"--token": T}), []),
        (job(EnvironmentVariables={NAME: 1}, ProgramArguments=["--token", 1]), []),
        (job(), []),
        (plistlib.dumps({"Label": "other", "EnvironmentVariables": {NAME: T}}), []),
        (plistlib.dumps({"Label": "other", "ProgramArguments": RUN, "EnvironmentVariables": {NAME: T}}),
         [("plist_environment", False, "person", NAME)]),
        (plistlib.dumps({"Label": "other", "EnvironmentVariables": {NAME: T, "OPENCLAW_SERVICE_KIND": "gateway"}}),
         [("plist_environment", False, "person", NAME)]),
        (plistlib.dumps({"EnvironmentVariables": {NAME: T}}), []),
        (plistlib.dumps([1]), []),
        (plistlib.dumps("x"), []),
        (job(plistlib.FMT_BINARY, ProgramArguments=["--token", T]), [("plist_argument", True, "ours", "--token")]),
    ],
)  # fmt: skip
def test_plist(data, expected):
    found, _arguments = plists.from_plist(data, "/p", LABEL)
    assert [(source.kind, source.live, source.owner, source.name) for source in found] == expected
    assert all(source.fingerprint == PRINT for source in found)
    assert T not in repr(found)


def test_lines_of_xml_are_told_and_those_of_binary_are_not():
    keys = {"EnvironmentVariables": {NAME: T}, "ProgramArguments": [*RUN, "--token", T]}
    data = job(**keys)
    text = data.decode().split("\n")
    found, _arguments = plists.from_plist(data, "/p", LABEL)
    assert NAME in text[found[0].line - 1] and "--token" in text[found[1].line - 1]
    found, _arguments = plists.from_plist(job(plistlib.FMT_BINARY, **keys), "/p", LABEL)
    assert [source.line for source in found] == [None, None]


@pytest.mark.parametrize(
    "data",
    [b"", b"<plist>", b"bplist00garbage", b"{a=1;}", b"\x00" * 100, b"bplist00" + b"\xff" * 40,
     b"<?xml version='1.0'?><!DOCTYPE p [<!ENTITY a 'b'>]><plist><string>&a;</string></plist>",
     b"<plist>" + b"<array>" * 100000],
)  # fmt: skip
def test_a_broken_plist_is_said_to_be_one(data):
    with pytest.raises(ValueError):
        plists.from_plist(data, "/p", LABEL)
    with pytest.raises(Failure) as caught:
        strip.strip("plist_environment", data, NAMES, "/p")
    assert caught.value.code == "token_source_stuck" and "/p" in caught.value.message


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["/bin/launchctl", "setenv", NAME, T], [PRINT]),
        (["/bin/sh", "-c", "launchctl setenv %s '%s'; true" % (NAME, T)], [PRINT]),
        (["/bin/sh", "-c", "launchctl setenv %s \"$(cat f)\"" % NAME], [None]),
        (["launchctl", "setenv", "PATH", "/bin"], []),
        (["launchctl", "unsetenv", NAME], []),
    ],
)  # fmt: skip
def test_jobs_that_poison_the_domain_are_found(arguments, found):
    data = plistlib.dumps({"Label": "x", "ProgramArguments": arguments})
    told = plists.setenv_sources(plists.load(data), data, "/p", sources.VARIABLES)
    assert [source.fingerprint for source in told] == found
    assert {(source.kind, source.owner, source.live) for source in told} <= {("plist_setenv", "person", False)}


@pytest.mark.parametrize(
    ("data", "worth"),
    [
        (job(), True),
        (plistlib.dumps({"Label": "x", "ProgramArguments": ["/opt/OpenClaw/x"]}), True),
        (plistlib.dumps({"Label": "x", "ProgramArguments": ["clawdbot"]}, fmt=plistlib.FMT_BINARY), True),
        (b"<plist>&#111;penclaw</plist>", True),
        ("<plist>".encode("utf-16"), True),
        (plistlib.dumps({"Label": "com.apple.x"}), False),
    ],
)
def test_what_is_worth_parsing(data, worth):
    assert may_concern(data, LABEL) == worth


# -- without: XML cut byte for byte
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><!-- mine -->
<dict>
  <key>Label</key>   <string>ai.openclaw.gateway</string>
  <key>EnvironmentVariables</key>
  <dict>
    <key>A</key><string>1 &amp; 2</string>
%s    <!-- keep me -->
    <key>Z</key><string/>
  </dict>
  <key>ProgramArguments</key>
  <array>
    <string>/x/node</string>
%s    <string>last</string>
  </array>
  <key>Nested</key><dict><key>EnvironmentVariables</key><dict><key>OPENCLAW_GATEWAY_TOKEN</key><string>n</string></dict>
  <key>ProgramArguments</key><array><string>--token</string><string>n</string></array></dict>
  <key>Réal</key><real>1.50</real>
</dict>
</plist>
"""
IN_ENVIRONMENT = "    <key>%s</key>\n    <string>%s</string>\n" % (NAME, T)
IN_ARGUMENTS = "    <string>--token</string>\n    <string>%s</string>\n    <string>--token=x</string>\n" % T


@pytest.mark.parametrize("environment", [IN_ENVIRONMENT, "", "    <key>%s</key><string/>\n" % NAME])
@pytest.mark.parametrize("arguments", [IN_ARGUMENTS, "", "    <string>--token=%s</string>\n" % T])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_xml_keeps_every_other_byte(environment, arguments, newline):
    data = (XML % (environment, arguments)).replace("\n", newline).encode("utf-8")
    expected = (XML % ("", "")).replace("\n", newline).encode("utf-8")
    # What stood before an element goes with it, so the line break before the next one stays.
    assert plist_edit.without(data, NAMES) == expected


def test_xml_in_another_encoding_keeps_its_values():
    text = (XML % (IN_ENVIRONMENT, IN_ARGUMENTS)).replace("UTF-8", "UTF-16")
    expected = plistlib.loads((XML % ("", "")).encode("utf-8"))
    assert plistlib.loads(plist_edit.without(text.encode("utf-16"), NAMES)) == expected


def test_binary_keeps_its_values_and_its_form():
    before = {"Label": LABEL, "EnvironmentVariables": {NAME: T, "A": "1"}, "ProgramArguments": ["a", "--token", T, "b"],
              "Data": b"\x00", "N": 2.5, "L": [True, {"x": "y"}]}  # fmt: skip
    edited = plist_edit.without(plistlib.dumps(before, fmt=plistlib.FMT_BINARY), NAMES)
    assert edited.startswith(b"bplist00")
    after = dict(before, EnvironmentVariables={"A": "1"}, ProgramArguments=["a", "b"])
    assert plistlib.loads(edited) == after


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_a_plist_without_a_token_is_left_alone(fmt):
    data = job(fmt, EnvironmentVariables={"A": "1"}, ProgramArguments=[*RUN, "--token"])
    assert plist_edit.without(data, NAMES) is data
    assert plist_edit.without(plistlib.dumps([1], fmt=fmt), NAMES) == plistlib.dumps([1], fmt=fmt)


def test_a_token_in_the_middle_of_a_command_line_is_not_cut_but_said():
    data = job(ProgramArguments=["/bin/sh", "-c", "openclaw gateway --token %s" % T])
    with pytest.raises(Failure) as caught:
        strip.strip("plist_argument", data, NAMES, "/p.plist")
    assert caught.value.code == "token_source_stuck" and T not in str(caught.value.message)


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["a", "--token", "x", "b"], ["a", "b"]),
        (["--token=x"], []),
        (["--token", "--token", "x"], ["x"]),
        (["a", "--token"], ["a", "--token"]),
        (["--tokens", "x", "--token-file=y"], ["--tokens", "x", "--token-file=y"]),
        (["--password", "x"], ["--password", "x"]),
    ],
)
def test_arguments_that_go(arguments, kept):
    assert plist_edit.without_arguments(arguments, {"--token"}) == kept
