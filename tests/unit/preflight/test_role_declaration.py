# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults, argument specs, README and judge of the role gateway say the same."""
import re
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils import _judge_declared

yaml = pytest.importorskip("yaml")

ROLE = Path(__file__).resolve().parents[3] / "roles/gateway"
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
SPECS = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]
OPTIONS = {name: option for spec in SPECS.values() for name, option in spec["options"].items()}
#: Unset means something for these.
WITHOUT_DEFAULT = {
    "gateway_token", "gateway_state_dir", "gateway_node_sha256", "gateway_npm_registry",
    "gateway_archive", "gateway_archive_sha256",
}  # fmt: skip


def test_every_default_is_specified_and_every_option_has_its_default():
    assert set(OPTIONS) - set(DEFAULTS) == WITHOUT_DEFAULT
    assert set(DEFAULTS) - set(OPTIONS) == set()


@pytest.mark.parametrize("entry", SPECS)
def test_defaults_are_identical(entry):
    told = {name: option["default"] for name, option in SPECS[entry]["options"].items() if name not in WITHOUT_DEFAULT}
    assert told == {name: DEFAULTS[name] for name in told}
    for name, option in SPECS[entry]["options"].items():
        assert option["description"] and option["type"], name


def test_the_readme_shows_every_variable_with_an_example():
    rows = re.findall(r"^\| `(gateway_\w+)` .*\| `(gateway_\w+): .*` \|$", (ROLE / "README.md").read_text(), re.M)
    assert {name for name, _example in rows} == set(OPTIONS)
    assert [row for row in rows if row[0] != row[1]] == []


def test_the_judge_is_told_every_variable_it_judges():
    told = set(yaml.safe_load((ROLE / "vars/main.yml").read_text())["_gateway_declared"])
    judged = set(re.findall(r'"(gateway_\w+)"', Path(_judge_declared.__file__).read_text()))
    assert judged - told == set()
    assert told - set(SPECS["main"]["options"]) == set()


CHOICES = [
    ("gateway_scope", _judge_declared.SCOPES),
    ("gateway_exposure", _judge_declared.EXPOSURES),
    ("gateway_bind", _judge_declared.BINDS),
    ("gateway_auth_mode", _judge_declared.AUTH_MODES),
    ("gateway_install", _judge_declared.INSTALLS),
]


@pytest.mark.parametrize("name,choices", CHOICES)
def test_the_judge_and_the_specs_offer_the_same_choices(name, choices):
    assert set(OPTIONS[name]["choices"]) == set(choices)
