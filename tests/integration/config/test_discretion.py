# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What openclaw_config says at the highest verbosity: no secret of a task, and no ordinary word starred out for one."""

import pytest
from ansible.module_utils.common.parameters import PASS_VARS

CANARY = "canary-4b1f0c9d2e7a5836"
SECRETS = {"gateway": {"mode": "local", "auth": {"token": CANARY}}, "env": {"DEBUG": "1", "PIN": "4711", "A": "local"}}
#: ansible-core 2.19 always tells the arguments; newer ones have to be asked.
LOUD = {"_ansible_" + name: 4 for name in ("verbosity", "inject_invocation") if name in PASS_VARS}


def told(runner, state, **options):
    return runner.told(dict({"state_dir": str(state)}, **options), **LOUD)


def test_short_secrets_are_masked_where_they_stand_and_nowhere_else(runner, tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    result, text = told(runner, state, settings=SECRETS)
    assert CANARY not in text and "4711" not in text
    assert "****" not in text and "VALUE_SPECIFIED" not in text
    shown = {row["path"]: row["after"] for row in result["changes"]}
    assert shown["gateway.mode"] == "local"
    assert shown["env.DEBUG"].startswith("sha256:")
    assert result["invocation"]["module_args"]["settings"]["gateway"]["mode"] == "local"
    assert result["invocation"]["module_args"]["settings"]["env"]["PIN"].startswith("sha256:")
    assert (state / "openclaw.json").read_text().count(CANARY) == 1


@pytest.mark.parametrize(
    "settings",
    ['{"gateway": {"auth": {"token": "%s"' % CANARY, "token=%s" % CANARY, '["%s"]' % CANARY, [CANARY], CANARY],
    ids=["half JSON", "key=value", "JSON list", "list", "text"],
)
@pytest.mark.parametrize("option", ["settings", "baseline"])
def test_refused_arguments_are_not_repeated(runner, tmp_path, option, settings):
    result, text = told(runner, tmp_path, **{option: settings})
    assert result["failed"]
    assert CANARY not in text
    assert list(tmp_path.iterdir()) == []


def test_a_refused_baseline_does_not_show_its_settings(runner, tmp_path):
    result, text = told(runner, tmp_path, baseline={"mode": "sometimes", "settings": SECRETS})
    assert result["failed"] and "sometimes" in text
    assert CANARY not in text and "4711" not in text
