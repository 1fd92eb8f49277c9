# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another job is to the declared Gateway: by its label, its command, its environment and its account."""

import pytest
from ansible_collections.clawops.openclaw.plugins.module_utils._service import rivals

ME, HOME = "openclaw", "/Users/openclaw"
OURS = (ME, rivals.Gateway(HOME + "/.openclaw", 18789))
INDEX = "/opt/homebrew/lib/node_modules/openclaw/dist/index.js"
RUN = ["/opt/homebrew/bin/node", INDEX, "gateway"]
WRAPPED = ["/bin/sh", HOME + "/.openclaw/service-env/ai.openclaw.work-env-wrapper.sh", HOME + "/x.env", *RUN]
OTHERS = rivals.Others("replace", "", {"/Users/admin/.openclaw": 20000}.get)

# label, command, environment, account it runs as -> what it is
ROWS = [
    ("org.example.claw", RUN, {}, ME, "state directory"),
    ("org.example.claw", [*RUN, "--port", "1"], {}, ME, "state directory"),
    ("org.example.claw", RUN, {"OPENCLAW_STATE_DIR": "/srv/a/../b"}, ME, "port"),
    ("org.example.claw", RUN, {"OPENCLAW_STATE_DIR": "/srv/b", "OPENCLAW_GATEWAY_PORT": "20001"}, ME, None),
    ("org.example.claw", [*RUN, "--port=20001"], {"OPENCLAW_STATE_DIR": "/srv/b"}, ME, None),
    ("org.example.claw", [*RUN, "--port=20001", "--profile", "work"], {}, ME, None),
    ("org.example.claw", [*RUN, "--port=20001", "--dev"], {}, ME, None),
    ("org.example.claw", [*RUN, "--port=20001"], {"OPENCLAW_PROFILE": "work"}, ME, None),
    ("org.example.claw", [*RUN, "--port=20001"], {"OPENCLAW_PROFILE": "default"}, ME, "state directory"),
    ("org.example.claw", [*RUN, "--port=20001"], {"OPENCLAW_HOME": "/srv"}, ME, None),
    ("ai.openclaw.work", [*WRAPPED, "--port", "20001"], {}, ME, None),
    ("ai.openclaw.work", [*WRAPPED], {}, ME, "port"),
    ("ai.openclaw.gateway2", [*RUN, "--port", "20001"], {}, ME, "state directory"),
    # Another account's: its state directory is another one, its port is what its openclaw.json says.
    ("homebrew.mxcl.openclaw", ["/opt/homebrew/opt/openclaw/bin/openclaw", "gateway", "run"], {}, "admin", None),
    ("homebrew.mxcl.openclaw", ["/opt/homebrew/opt/openclaw/bin/openclaw", "gateway"], {}, "root", "port"),
    ("org.example.claw", ["/bin/sh", "-c", "exec openclaw gateway run"], {}, ME, "state directory"),
    ("org.example.claw", ["/bin/zsh", "-lc", "cd / && openclaw gateway", "gateway"], {}, ME, "state directory"),
    ("org.example.claw", ["/usr/bin/env", "openclaw", "gateway"], {}, ME, "state directory"),
    # Not a Gateway of OpenClaw's, whatever the account or a directory is called.
    ("org.example.relay", [HOME + "/bin/relay", "daemon", "--user", "openclaw"], {}, ME, None),
    ("org.example.relay", ["/usr/bin/ssh", "-L", "/srv/openclaw/x", "gateway"], {}, ME, None),
    ("org.example.claw", ["/opt/homebrew/bin/node", INDEX, "tui"], {}, ME, None),
    ("ai.openclaw.gateway.smoke", ["/usr/bin/python3", "-I", "/Library/x/check.py"], {}, "root", None),
    # Older names keep a state directory of their own.
    ("com.clawdbot.gateway", ["/n", "/l/node_modules/clawdbot/dist/entry.js", "gateway"], {}, ME, "port"),
    ("com.clawdbot.gateway", ["/n", "/x/clawdbot/dist/entry.js", "gateway", "--port", "1"], {}, ME, "older name"),
    ("com.clawdbot.node", ["/n", "/x/clawdbot/dist/entry.js", "node"], {}, ME, "older name"),
    ("com.clawdbot.node", ["/n", "/x/clawdbot/dist/entry.js", "node"], {}, "admin", None),
    ("bot.molt.gateway", ["/usr/local/bin/start-it"], {}, ME, "older name"),
    ("ai.openclaw.update.3f", ["/bin/sh", "-c", "openclaw update"], {}, ME, "updater"),
    ("ai.openclaw.manual-update.7", ["/opt/homebrew/bin/openclaw", "update", "--yes"], {}, "root", "updater"),
    ("ai.openclaw.manual-update.7", ["/opt/homebrew/bin/openclaw", "update", "--yes"], {}, "admin", None),
]


@pytest.mark.parametrize("label, words, environment, account, kind", ROWS)
def test_kind(label, words, environment, account, kind):
    home = {"root": "/var/root"}.get(account, "/Users/" + account)
    assert rivals.kind_of(label, words, environment, (account, home), OURS, OTHERS) == kind


def test_a_definition_that_starts_no_gateway_has_no_rivals():
    account = type("Account", (), {"name": ME, "home": HOME})
    declared = {"Label": "x", "ProgramArguments": RUN, "EnvironmentVariables": {"HOME": HOME}}
    assert rivals.declared_gateway(declared, account, {}.get) == OURS[1]
    assert rivals.declared_gateway(dict(declared, ProgramArguments=["/bin/sh", "x"]), account, {}.get) is None
    assert rivals.declared_gateway(None, account, {}.get) is None
    told = {HOME + "/.openclaw": 5}.get
    assert rivals.declared_gateway(declared, account, told).port == 5


def test_every_mode_says_whom_it_replaces():
    assert rivals.MODES["refuse"] == ()
    assert set(rivals.MODES["replace"]) > set(rivals.MODES["replace_label"])
    assert set(rivals.SUPERVISORS) <= set(rivals.MODES["replace"])
