# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry's answers, and what npm is given and says."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._release import fetch, npm

ABOUT = {"name": "openclaw", "version": "2026.9.6", "engines": {"node": ">=24"}}
EVERYTHING = {"dist-tags": {"latest": "2026.9.6"}, "versions": {"2026.9.6": ABOUT}}
ONE = "https://registry.example.com/openclaw/2026.9.6"
ALL = "https://registry.example.com/openclaw"


def registry(answers):
    def read(url, limit, accept="*/*"):
        answer = answers.get(url, 404)
        if isinstance(answer, bytes):
            return answer
        if isinstance(answer, dict):
            return json.dumps(answer).encode()
        raise fetch.FetchError(url, "HTTP %s" % answer, answer)

    return read


@pytest.mark.parametrize("base", ["https://registry.example.com", "https://registry.example.com/"])
@pytest.mark.parametrize("answers", [{ONE: ABOUT}, {ONE: 405, ALL: EVERYTHING}, {ALL: EVERYTHING}])
def test_known_version(base, answers):
    assert npm.look_up(base, "2026.9.6", registry(answers)) == ABOUT


@pytest.mark.parametrize(
    ("answers", "code", "says"),
    [
        ({ALL: {"dist-tags": {"latest": "1.0.0"}, "versions": {}}}, "openclaw_version_unknown", "latest is 1.0.0"),
        ({}, "openclaw_version_unknown", "has no openclaw 2026.9.6"),
        ({ONE: 503}, "npm_install_failed", "HTTP 503"),
        ({ONE: 401}, "npm_install_failed", "HTTP 401"),
        ({ONE: None}, "npm_install_failed", "could not be asked"),
        ({ONE: b"<html>hello</html>"}, "npm_install_failed", "no npm registry"),
        ({ONE: b"[1]"}, "npm_install_failed", "no npm registry"),
        ({ALL: 500}, "npm_install_failed", "HTTP 500"),
    ],
)
def test_unknown_or_unreachable(answers, code, says):
    with pytest.raises(Failure) as caught:
        npm.look_up("https://registry.example.com/", "2026.9.6", registry(answers))
    assert caught.value.code == code
    assert says in caught.value.message
    assert "https://registry.example.com/" in caught.value.message


@pytest.mark.parametrize(
    ("about", "script"),
    [
        ({"bin": {"openclaw": "openclaw.mjs"}}, "openclaw.mjs"),
        ({"bin": {"openclaw": "./bin/cli.js"}}, "bin/cli.js"),
        ({"bin": "cli.js"}, "cli.js"),
        ({"bin": {"other": "x.js"}}, "openclaw.mjs"),
        ({}, "openclaw.mjs"),
    ],
)
def test_bin_script(about, script):
    assert npm.bin_script(about) == script


@pytest.mark.parametrize(("about", "wanted"), [(ABOUT, ">=24"), ({}, None), ({"engines": ["node >= 0.6"]}, None)])
def test_engine(about, wanted):
    assert npm.engine(about) == wanted


def test_environment_has_nothing_of_the_caller_but_the_way_out():
    inherited = {
        "PATH": "/Users/admin/.nvm/bin",
        "HOME": "/Users/admin",
        "OPENCLAW_GATEWAY_TOKEN": "secret",
        "npm_config_prefix": "/tmp/x",
        "NODE_OPTIONS": "--require evil",
        "HTTPS_PROXY": "http://proxy:3128",
        "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
    }
    environment = npm.clean_environment("/opt/openclaw/node/24.21.0", "/opt/openclaw/.work-x/home", inherited)
    assert environment["PATH"] == "/opt/openclaw/node/24.21.0/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    assert environment["HOME"] == environment["TMPDIR"] == "/opt/openclaw/.work-x/home"
    assert environment["HTTPS_PROXY"] == "http://proxy:3128"
    assert environment["NODE_EXTRA_CA_CERTS"] == "/etc/ca.pem"
    assert not {"OPENCLAW_GATEWAY_TOKEN", "npm_config_prefix", "NODE_OPTIONS"} & set(environment)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (
            "npm error code ETARGET\nnpm error notarget No matching version found for openclaw@1.\n"
            "npm error A complete log of this run can be found in: /x/y.log\n",
            "code ETARGET; notarget No matching version found for openclaw@1.",
        ),
        ("npm ERR! code E404\nnpm ERR! code E404\n", "code E404"),
        ("npm error request to https://user:pass@r.example.com/x failed", "request to https://r.example.com/x failed"),
        ("npm warn deprecated x\n", "no message"),
        ("", "no message"),
    ],
)
def test_short_error(text, short):
    assert npm.short_error(text) == short


class Runs:
    """Stands in for processes: notes what it was given, makes what npm would make, answers in order."""

    def __init__(self, *answers, marker=False):
        self.answers = list(answers)
        self.marker = marker
        self.calls = []

    def __call__(self, argv, environment, timeout):
        self.calls.append((argv, environment, timeout))
        if "install" in argv:
            package = os.path.join(argv[argv.index("--prefix") + 1], "lib/node_modules/openclaw")
            os.makedirs(package)
            with open(os.path.join(package, "package.json"), "w") as handle:
                json.dump(dict(ABOUT, bin={"openclaw": "cli.mjs"}), handle)
            if self.marker:
                open(os.path.join(package, ".openclaw-lifecycle-pending"), "w").close()
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        (Runs((0, "", ""), (0, "OpenClaw 2026.9.6 (abc)", "")), None),
        (Runs((1, "", "npm error code E404\nnpm error 404 no such thing")), "exit 1: code E404; 404 no such thing"),
        (Runs((None, "", "")), "not done after 60 s"),
        (Runs((0, "", ""), (1, "", "openclaw: Node 20: node:sqlite is unavailable")), "node:sqlite is unavailable"),
        (Runs((0, "", ""), (0, "OpenClaw 2026.9.6", ""), marker=True), "install script did not complete"),
    ],
    ids=["good", "npm fails", "too slow", "does not start", "half installed"],
)
def test_install(tmp_path, runs, says):
    def go():
        return npm.install("https://user.example.com/", "2026.9.6", "/n", str(tmp_path), 60, runs)

    if says is None:
        assert go() == str(tmp_path / "release")
        assert runs.calls[1][0][1].endswith("release/lib/node_modules/openclaw/cli.mjs")
    else:
        with pytest.raises(Failure) as caught:
            go()
        assert caught.value.code == "npm_install_failed"
        assert says in caught.value.message
        assert "openclaw@2026.9.6" in caught.value.message
    argv, environment, timeout = runs.calls[0]
    assert argv[:2] == ["/n/bin/node", "/n/lib/node_modules/npm/bin/npm-cli.js"]
    assert argv[-1] == "openclaw@2026.9.6"
    assert argv[argv.index("--prefix") + 1] == str(tmp_path / "release")
    assert argv[argv.index("--cache") + 1].startswith(str(tmp_path))
    assert timeout == 60
