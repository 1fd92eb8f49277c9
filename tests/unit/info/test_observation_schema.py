# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/observation.schema.json and real observations, each held to the other."""
import copy
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.clawops.openclaw.plugins.module_utils._info import observe
from scripted_host import Host, Questions

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/tools"))

import observation
import reference

CONFIG = "{gateway: {mode: 'local', port: 1, auth: {mode: 'token', token: '%s'}}}" % ("s3cret" * 8)


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """What a look at a scripted host finds, with a job that differs from its declaration and another beside it."""
    host = Host(tmp_path)
    host.define(ThrottleInterval=10)
    host.define(str(tmp_path / "agents/other.plist"), Label="bot.clawdbot.gateway")
    (tmp_path / "state/openclaw.json").write_text(CONFIG)
    monkeypatch.setattr(observe, "Questions", lambda: Questions(host.answers))
    return observe.observe(host.wanted(program_arguments=["/o/node", "gateway"], settings=["gateway.port"]))


def test_what_a_look_finds_is_as_the_schema_says(seen):
    assert list(observation.problems(seen)) == []
    assert {name: section["error"] for name, section in seen.items() if isinstance(section, dict)} == dict.fromkeys(
        observe.SECTIONS)  # fmt: skip
    assert seen["service"]["drift"] and seen["service"]["others"]


def test_so_is_a_look_at_what_is_no_mac_and_has_no_account(tmp_path):
    (tmp_path / "none").mkdir()
    wanted = Host(tmp_path / "none").wanted(user="nobody-here", launchctl="/nowhere/launchctl", state_dir=None)
    assert list(observation.problems(observe.observe(wanted))) == []


def test_the_schema_knows_every_section_and_no_other():
    known = set(observation.SCHEMA["properties"]) - {"schema_version", "survey_ms"}
    assert known == set(observe.SECTIONS)
    assert observation.SCHEMA["properties"]["schema_version"]["const"] == observe.SCHEMA_VERSION
    for name in known:
        section = observation.SCHEMA["properties"][name]
        assert section["additionalProperties"] is False, name
        assert {"ms", "error", *section["then"]["required"]} == set(section["properties"]), name


def test_every_word_of_the_schema_is_one_that_the_tests_hold():
    assert observation.strangers() == set()
    assert observation.strangers({"items": {"anyOf": [{"minimum": 1}]}}) == {"minimum"}


def _drop(key):
    return lambda section: section.pop(key)


WRONG = [
    ("service", lambda section: section.update(surprise=1), "/service/surprise: unknown"),
    ("service", _drop("owner"), "/service: lacks owner"),
    ("service", lambda section: section["scopes"][0].update(loaded="yes"), "/service/scopes/0/loaded: 'yes'"),
    ("service", lambda section: section.update(owner="me"), "/service/owner: 'me' is none of"),
    ("service", lambda section: section["scopes"][0].update(pid=True), "/service/scopes/0/pid: True"),
    ("gui", _drop("error"), "/gui: lacks error"),
    ("token_sources", lambda section: section.update(fingerprint="s3cret" * 8), "is not like ^sha256"),
    ("headless", lambda section: section.update(autorestart=True), "/headless/autorestart: True is none of"),
    ("installs", lambda section: section["path"].update(login=3), "/installs/path/login: 3"),
]


@pytest.mark.parametrize("name,spoil,expected", WRONG)
def test_what_is_not_as_the_schema_says_is_found(seen, name, spoil, expected):
    found = copy.deepcopy(seen)
    spoil(found[name])
    told = list(observation.problems(found))
    assert len(told) == 1 and expected in told[0]


def test_a_section_that_could_not_be_told_may_lack_its_keys(seen):
    assert list(observation.problems(dict(seen, service={"ms": 1.0, "error": "no launchd."}))) == []


def test_the_samples_of_the_module_are_as_the_schema_says():
    told = yaml.safe_load(reference.string(ROOT / "plugins/modules/openclaw_info.py", "RETURN"))
    del told["failure"]
    samples = {name: entry["sample"] for name, entry in told.items()}
    assert list(observation.problems(samples)) == []
