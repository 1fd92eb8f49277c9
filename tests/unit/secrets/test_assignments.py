# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of assignments: .env as npm's dotenv reads it, start files and env files as a shell does; hostile ones too."""
import time

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import dotenv, shell_edit, shells, strip, units
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

T = "CANARY-canary-CANARY-canary"
PRINT = fingerprint(T)
NAME, OTHER = "OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD"
BOTH = {NAME, OTHER}


def lines_of(found):
    return [(source.name, source.line, source.live, source.fingerprint) for source in found]


# -- .env: text, (line, value) of the token's assignments, the text without them
DOTENV = {
    "plain": ("A=1\nN=%s\nB=2\n", [(2, T)], "A=1\nB=2\n"),
    "no newline at the end": ("A=1\nN=%s", [(2, T)], "A=1\n"),
    "nothing else": ("N=%s", [(1, T)], ""),
    "windows": ("A=1\r\nN=%s\r\nB=2\r\n", [(2, T)], "A=1\r\nB=2\r\n"),
    "old mac": ("A=1\rN=%s\rB=2", [(2, T)], "A=1\rB=2"),
    "single quotes": ("N='%s'\n", [(1, T)], ""),
    "double quotes and blanks": ('  N = "%s"  \nA=1\n', [(1, T)], "A=1\n"),
    "backticks": ("N=`%s`\n", [(1, T)], ""),
    "export": ("export N=%s\nexport A=1\n", [(1, T)], "export A=1\n"),
    "colon": ("N: %s\n", [(1, T)], ""),
    "comment behind": ("N=%s # why\n# stays\n", [(1, T)], "# stays\n"),
    "two": ("N=first-of-two\nA=1\nN=%s\n", [(1, "first-of-two"), (3, T)], "A=1\n"),
    "inside another one's value": ("A='\nN=%s\n'\nB=2\n", [], "A='\nN=%s\n'\nB=2\n"),
    "one line is one assignment": ("A=1 N=%s\n", [], "A=1 N=%s\n"),
    "value over lines": ("N='%s\nmore'\nA=1\n", [(1, T + "\nmore")], "A=1\n"),
    "byte order mark": ("\ufeffN=%s\nA=1\n", [(1, T)], "A=1\n"),
    "commented out": ("# N=%s\n", [], "# N=%s\n"),
    "another name": ("XN=%s\nN_FILE=%s\n", [], "XN=%s\nN_FILE=%s\n"),
    "empty": ("N=\n", [], ""),
    "blanks": ("N=  \nA=1", [], "A=1"),
    "odd quote": ("N='%s\nA=1\n", [(1, "'" + T)], "A=1\n"),
    "a dollar is a dollar": ("N=$X\n", [(1, "$X")], ""),
    "rubbish": ("\x00\udcff\nN=%s\n\x7f=\n", [(2, T)], "\x00\udcff\n\x7f=\n"),
}  # fmt: skip


def filled(text):
    return text.replace("N", NAME).replace("%s", T)


@pytest.mark.parametrize("case", DOTENV)
def test_dotenv(case):
    text, expected, without = DOTENV[case]
    found = dotenv.from_dotenv(filled(text), "/e", True)
    last = len(expected) - 1
    assert lines_of(found) == [
        (NAME, line, index == last, fingerprint(value)) for index, (line, value) in enumerate(expected)
    ]
    kept = dotenv.without(filled(text), {NAME})
    assert kept.replace("\ufeff", "") == filled(without)
    assert dotenv.without(kept, {NAME}) == kept
    assert T not in repr(found)


def test_dotenv_that_no_server_reads_is_not_live():
    assert not dotenv.from_dotenv("%s=x" % NAME, "/e", False)[0].live


def test_the_password_is_named():
    found = dotenv.from_dotenv("%s=x\n%s=y\n" % (NAME, OTHER), "/e", True)
    assert [(source.name, source.credential) for source in found] == [(NAME, "token"), (OTHER, "password")]
    assert dotenv.without("%s=x\n%s=y\n" % (NAME, OTHER), {NAME}) == "%s=y\n" % OTHER


def test_other_names_may_be_asked_for():
    (found,) = dotenv.from_dotenv("MINE=x", "/e", True, names={"MINE": "token"})
    assert (found.name, found.credential) == ("MINE", "token")


# -- start files of shells: text, [(kind, line, value or None)]
SHELL = {
    "export": ("export N=%s", [("shell", 1, T)]),
    "apart": ("N='%s'; export N", [("shell", 1, T)]),
    "typeset": ('\n\ttypeset -gx N="%s"', [("shell", 2, T)]),
    "behind others": ("export A=1 N=%s B=2", [("shell", 1, T)]),
    "two in one line": ("N=%s; N='%s'", [("shell", 1, T), ("shell", 1, T)]),
    "behind then": ("if true; then export N=%s; fi", [("shell", 1, T)]),
    "behind and": ("true && export N=%s", [("shell", 1, T)]),
    "before a command": ("N=%s openclaw health", [("shell", 1, T)]),
    "in an alias": ("alias oc='N=%s openclaw'", [("shell", 1, T)]),
    "pieces": ("export N=one'-two'\"-three\"\\-four", [("shell", 1, "one-two-three-four")]),
    "windows": ("A=1\r\nexport N=%s\r\n", [("shell", 2, T)]),
    "behind an odd quote": ("cat <<E\nDon't\nE\nexport N=%s\n", [("shell", 4, T)]),
    "variable": ("export N=$X", [("shell", 1, None)]),
    "command": ('export N="$(cat f)"', [("shell", 1, None)]),
    "backticks": ("export N=`cat f`", [("shell", 1, None)]),
    "dollar in single quotes": ("export N='$X'", [("shell", 1, "$X")]),
    "setenv": ("a\nlaunchctl setenv N %s", [("shell_launchctl", 2, T)]),
    "setenv with a path": ('/bin/launchctl setenv N "%s"', [("shell_launchctl", 1, T)]),
    "setenv of two": ("sudo launchctl setenv A 1 N %s &", [("shell_launchctl", 1, T)]),
    "comment": ("# export N=%s", []),
    "comment behind": ("A=1 # N=%s", []),
    "other names": ("export XN=%s N_FILE=%s", []),
    "empty": ("export N=", []),
    "emptied": ("export N=''; unset N", []),
    "without a value": ("export N", []),
    "unsetenv": ("launchctl unsetenv N", []),
    "rubbish": ("\x00\udcff'\"\\\nexport N=%s", [("shell", 2, T)]),
}


@pytest.mark.parametrize("case", SHELL)
def test_shell(case):
    text, expected = SHELL[case]
    found = shells.from_shell(filled(text), "/s")
    assert [(source.kind, source.line, source.fingerprint) for source in found] == [
        (kind, line, value and fingerprint(value)) for kind, line, value in expected
    ]
    assert not any(source.live for source in found) and {source.owner for source in found} <= {"person"}
    assert T not in repr(found)


def test_a_shell_that_openclaw_imports_is_live():
    text = "export %s=x\nlaunchctl setenv %s x" % (NAME, NAME)
    assert [source.live for source in shells.from_shell(text, "/s", live=True)] == [True, False]


# -- env files that a wrapper sources: text, the text without the token
SERVICE_ENV = {
    "as OpenClaw writes it": ("# Gen\nexport A='1'\nexport N='%s'\nexport Z='2'\n",
                              "# Gen\nexport A='1'\nexport Z='2'\n"),
    "no newline at the end": ("export A='1'\nexport N='%s'", "export A='1'\n"),
    "windows": ("A=1\r\nN=%s\r\nB=2\r\n", "A=1\r\nB=2\r\n"),
    "quoted quote": ("export N='%s'\\''x'\nexport A='1'\n", "export A='1'\n"),
    "two in one line": ("export A=1 N=%s B='2 3'\n", "export A=1 B='2 3'\n"),
    "two commands in one line": ("A=1; N=%s; export A\n", "A=1; export A\n"),
    "last command in a line": ("A=1; N=%s\nB=2\n", "A=1; \nB=2\n"),
    "twice": ("N=%s\nA=1\nexport N=%s\n", "A=1\n"),
    "where the shell wants a command": ("true && N=%s\nA=1\n", "true && :\nA=1\n"),
    "in parentheses": ("(N=%s)\n", "(:)\n"),
    "inside another one's value": ("export A='\nexport N=%s\n'\n", "export A='\nexport N=%s\n'\n"),
    "for one command": ("N=%s printf x\n", "printf x\n"),
    "comment": ("# N=%s\n", "# N=%s\n"),
    "comment behind": ("N=%s # why\nA=1\n", "A=1\n"),
    "over lines": ("N=%s\\\nmore\nA=1\n", "A=1\n"),
    "rubbish": ("\x00\udcff\nN=%s\n\x7f\n", "\x00\udcff\n\x7f\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", SERVICE_ENV)
def test_service_env(case):
    text, without = (filled(item) for item in SERVICE_ENV[case])
    found = shells.from_service_env(text, "/e", True)
    assert bool(found) == (text != without)
    assert [source.live for source in found] == [False] * (len(found) - 1) + [True] * bool(found)
    assert shell_edit.without(text, {NAME}) == without
    assert strip.strip("service_env", text.encode("utf-8", "surrogateescape"), {NAME}) == without.encode(
        "utf-8", "surrogateescape"
    )


def test_a_service_env_file_that_no_job_uses_is_not_live():
    assert not shells.from_service_env("%s=x" % NAME, "/e", False)[0].live


# -- systemd
UNIT = """[Service]
Environment=A=1 "%(n)s=%(t)s" %(o)s=pass-word
Environment='%(n)s=%(t)s'
# Environment=%(n)s=no
EnvironmentFile=-/x
ExecStart=/usr/bin/node /x/index.js gateway \\
  --port 1 --token %(t)s
ExecStop=/bin/kill --token
""" % {"n": NAME, "o": OTHER, "t": T}


def test_unit():
    found = units.from_unit(UNIT, "/u", "openclaw")
    assert [(source.kind, source.line, source.name, source.live) for source in found] == [
        ("systemd_environment", 2, NAME, False),
        ("systemd_environment", 2, OTHER, False),
        ("systemd_environment", 3, NAME, False),
        ("systemd_argument", 6, "--token", False),
    ]
    assert [source.fingerprint for source in found if source.credential == "token"] == [PRINT] * 3


@pytest.mark.parametrize(
    ("pattern", "name", "is_one"),
    [
        (units.UNIT, "openclaw-gateway.service", True), (units.UNIT, "openclaw-gateway-work.service", True),
        (units.UNIT, "clawdbot-gateway.service", True), (units.UNIT, "openclaw-gateway.service.bak", False),
        (units.UNIT, "other.service", False), (units.DROP_INS, "openclaw-gateway.service.d", True),
        (units.DROP_INS, "openclaw-gateway.d", False),
    ],
)  # fmt: skip
def test_names_of_units(pattern, name, is_one):
    assert bool(pattern.match(name)) == is_one


# -- hostile sizes: much of what makes careless expressions take for ever
SIZE = 1 << 18
BOMBS = {
    "newlines": "\n" * SIZE,
    "blanks": " " * SIZE,
    "names": "A\n" * (SIZE // 2),
    "names and blanks": ("A" + " " * 999) * (SIZE // 1000),
    "open single quotes": "A='\n" * (SIZE // 4),
    "open double quotes": 'A="\n' * (SIZE // 4),
    "escaped quotes": "A='" + "\\'" * (SIZE // 2),
    "escaped double quotes": 'A="' + '\\"' * (SIZE // 2),
    "backslashes": "\\" * SIZE,
    "colons": "A:\n" * (SIZE // 3),
    "equals": "=" * SIZE,
    "exports": "export " * (SIZE // 7),
    "one word": "x" * SIZE,
    "semicolons": ";" * SIZE,
    "comments": "#" * SIZE,
    "the name": NAME * (SIZE // len(NAME)),
    "the name in lines": (NAME + "\n") * (SIZE // 23),
    "zeros": "\0" * SIZE,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_hostile_file_costs_no_more_than_its_size(bomb):
    text = BOMBS[bomb] + "\nexport %s=%s\n" % (NAME, T)
    began = time.process_time()
    dotenv.from_dotenv(text, "/e", True)
    shells.from_shell(text, "/s")
    shells.from_service_env(text, "/e", True)
    units.from_unit(text, "/u", "person")
    dotenv.without(text, BOTH)
    shell_edit.without(text, BOTH)
    # Seconds where a careless expression takes hours: nothing that a busy machine could tip.
    assert time.process_time() - began < 30
