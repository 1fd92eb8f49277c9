# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table of effects is what the installed OpenClaw plans, and no rule of it is missing in the table."""

import json
import subprocess
from pathlib import Path

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._config import effects

HELPER = Path(__file__).with_name("reload_plan.mjs")
#: OpenClaw's word for what the Gateway does -> ours.
KINDS = {"none": "none", "hot": "hot", "restart": "in_process_restart"}
#: Of no rule of OpenClaw's.
UNKNOWN = ("browsers", "gatewayX", "env", "env.vars.A", "nodeHost", "gateway.bind", "gateway.port", "gateway.auth.mode")
#: Hot or in_process_restart by the auth mode before and after, which a path does not tell: test_live.py shows them.
CREDENTIALS = ("gateway.auth.token", "gateway.auth.password")


@pytest.fixture(scope="module")
def planned(cached):
    asked = sorted(set(effects.RELOAD) | set(effects.CHANNEL_DEFAULTS) | set(UNKNOWN))
    asked += [path + ".deeper" for path in asked]
    done = subprocess.run(
        [str(cached[0] / "bin/node"), str(HELPER), str(cached[1] / "lib/node_modules/openclaw")],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def rules(planned):
    """What OpenClaw plans for each path, the browser plugin loaded: longest prefix first, as for its other rules."""
    added = dict.fromkeys(planned["browser"]["hotPrefixes"], "hot")
    added.update((prefix, "restart") for prefix in planned["browser"]["restartPrefixes"])
    known = set(planned["known"]) | set(added)
    kinds = {}
    for path, kind in planned["kinds"].items():
        owners = [prefix for prefix in known if (path + ".").startswith(prefix + ".")]
        owner = max(owners, key=len, default="")
        kinds[path] = added.get(owner, kind)
    return kinds, known


def ours(path):
    return effects.effect_of([tuple(path.split("."))], {}, {})


def test_every_path_has_the_effect_that_openclaw_plans(planned):
    kinds, _known = rules(planned)
    assert len(kinds) > 200
    judged = {path: kind for path, kind in kinds.items() if path not in CREDENTIALS and "*" not in path}
    wrong = {path: (ours(path), kind) for path, kind in judged.items() if ours(path) != KINDS[kind]}
    assert wrong == {}


def test_every_row_is_a_rule_of_openclaws(planned):
    _kinds, known = rules(planned)
    assert set(effects.RELOAD) - known == set()
    assert set(effects.CHANNEL_DEFAULTS) <= known
