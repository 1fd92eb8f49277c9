#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_token
short_description: Keep a Gateway's token in its one declared place
version_added: 0.1.0
author:
  - clawops.openclaw maintainers (@clawops)
description:
  - Makes C(gateway.auth.token) of the Gateway's C(openclaw.json) a good token and says which other places of the
    host could supply one.
  - Without O(value), a good token that is already there is kept; otherwise one is generated on the host from the
    system's randomness. A token is never returned, printed or logged; results carry its fingerprint.
  - Only the value of that one key is written, as M(clawops.openclaw.openclaw_config) writes it. No copy of the file
    is kept, because each copy would be one more place with a token.
  - A running Gateway applies a changed token within seconds, without a restart.
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
attributes:
  check_mode:
    support: full
    details:
      - RV(fingerprint) is null where a run would generate the token.
  diff_mode:
    support: full
    details:
      - Shows fingerprints, and C((generated)) for a token that a run generates.
  idempotent:
    support: full
  platform:
    support: full
    platforms: macOS
options:
  state:
    description:
      - V(present) makes a good token be there.
    type: str
    choices:
      - present
    default: present
  source:
    description:
      - Where the token lives. V(config) is the text of C(gateway.auth.token) in C(openclaw.json), mode V(0600).
    type: str
    choices:
      - config
    default: config
  value:
    description:
      - The token, for example from Ansible Vault. Leave it out to keep or generate one on the host.
      - Refused when empty, C(undefined), C(null), C(__OPENCLAW_REDACTED__), an unresolved C(${...}) or shorter than
        O(min_length).
    type: str
  min_length:
    description:
      - Shortest token accepted, in characters.
    type: int
    default: 24
  allow_short:
    description:
      - Accept a token of any length. For tests only.
    type: bool
    default: false
  path:
    description:
      - The configuration file.
      - Defaults to C(openclaw.json) in O(state_dir).
    type: path
  label:
    description:
      - launchd label of the Gateway's job. Its property lists are looked through for tokens.
    type: str
    default: ai.openclaw.gateway
  launch_daemons_dir:
    description:
      - Where property lists of system jobs are.
    type: path
    default: /Library/LaunchDaemons
  launch_agents_dir:
    description:
      - Where property lists of the user's jobs are.
      - Defaults to C(Library/LaunchAgents) in the home directory of O(user).
    type: path
  launchctl:
    description:
      - The launchctl command, asked for C(OPENCLAW_GATEWAY_TOKEN) in the environment of the launchd domain that the
        task runs in. With C(become) that is the system domain.
    type: path
    default: /bin/launchctl
seealso:
  - module: clawops.openclaw.openclaw_config
  - module: clawops.openclaw.openclaw_probe
"""

EXAMPLES = r"""
- name: A token from the vault
  clawops.openclaw.openclaw_token:
    user: openclaw
    value: "{{ vault_gateway_token }}"
  become: true

- name: A token that only the host knows
  clawops.openclaw.openclaw_token:
    user: openclaw
  become: true
  register: token

- name: Nothing but openclaw.json supplies a token
  ansible.builtin.assert:
    that: token.source_count == 1
    fail_msg: "{{ token.findings | map(attribute='message') | join(' ') }}"
"""

RETURN = r"""
source:
  description: Where the token lives.
  returned: success
  type: str
  sample: config
fingerprint:
  description: Fingerprint of the token; null in check mode where a run would generate one.
  returned: success
  type: str
  sample: sha256:9f86d081884c
generated:
  description: Whether this run generated the token (or would, in check mode).
  returned: success
  type: bool
  sample: false
replaced:
  description: Why the token that was in the file was no good (a failure code), or null.
  returned: success
  type: str
  sample: token_placeholder
effect:
  description: How a running Gateway takes the change, as in M(clawops.openclaw.openclaw_config).
  returned: success
  type: str
  sample: hot
path:
  description: The configuration file.
  returned: success
  type: str
  sample: /Users/openclaw/.openclaw/openclaw.json
files:
  description: What changes about the file and its directory themselves, as in M(clawops.openclaw.openclaw_config).
  returned: success
  type: list
  elements: dict
  sample: []
sources:
  description: Every place on the host that holds a Gateway token, as it is after the run.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description:
        - V(config), V(config_reference), V(config_remote), V(config_legacy), V(dotenv), V(service_env),
          V(plist_environment), V(plist_argument), V(launchctl), V(shell) or V(shell_launchctl).
      type: str
      sample: config
    location:
      description: File or command.
      type: str
      sample: /Users/openclaw/.openclaw/openclaw.json
    line:
      description: Line in the file, from 1; null where there is none.
      type: int
      sample: 9
    live:
      description: Whether the running server could take its token from there.
      type: bool
      sample: true
    fingerprint:
      description: Fingerprint of the value; null for a reference, or for a token that is yet to be generated.
      type: str
      sample: sha256:9f86d081884c
source_count:
  description: How many of RV(sources) could supply the server's token. One is right.
  returned: success
  type: int
  sample: 1
findings:
  description: What is to be said about sources other than the declared one.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: Stable identifier, C(token_source_) and the kind.
      type: str
      sample: token_source_dotenv
    location:
      description: File or command.
      type: str
      sample: /Users/openclaw/.openclaw/.env
    line:
      description: Line in the file, from 1; null where there is none.
      type: int
      sample: 3
    live:
      description: Whether the running server could take its token from there.
      type: bool
      sample: true
    message:
      description: What is wrong with it.
      type: str
      sample: another Gateway token is in /Users/openclaw/.openclaw/.env line 3.
    hint:
      description: What to do about it.
      type: str
      sample: delete that line.
unreadable:
  description: Places that could not be looked at, with the reason. What they hold is unknown.
  returned: success
  type: list
  elements: dict
  sample: []
failure:
  description: Why the module refused or failed.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Stable identifier, for example V(token_empty), V(token_placeholder), V(token_unresolved), V(token_short),
          V(auth_mode_conflict), V(token_is_reference), or one of M(clawops.openclaw.openclaw_config).
      type: str
      sample: token_short
    message:
      description: What is wrong.
      type: str
      sample: "option 'value' is too short: 5 characters, at least 24 are wanted."
    layer:
      description: Where the fault lies.
      type: str
      sample: input
    hint:
      description: What to do next.
      type: str
      sample: give a secret of at least 24 characters (openssl rand -hex 32), or none to keep or generate one.
"""

import os

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._config import converge, storage
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import require_rights
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import format_path, value_at
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report, sources, survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.decide import TOKEN_PATH, decide, findings
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import fingerprint

#: What openclaw_config sees to; a token may be put in place before the rest of the file is there.
_NOT_OURS = ("gateway_mode_missing",)


def main(module):
    options = module.params
    account = _module.Account.named(options["user"])
    state_dir = account.state_dir(options["state_dir"])
    target = converge.Target(account, state_dir, options["path"] or os.path.join(state_dir, "openclaw.json"))
    require_rights(account)
    decision = _decide(module, target)
    work = converge.prepare(target, _setting(decision.token), ignore_checks=_NOT_OURS)
    if not module.check_mode:
        converge.commit(work, backup=False)
    unknown = decision.generated and module.check_mode
    place = survey.Places(
        account,
        state_dir,
        options["label"],
        options["launch_daemons_dir"],
        options["launch_agents_dir"] or os.path.join(account.home, "Library/LaunchAgents"),
        options["launchctl"],
    )
    found = survey.outside_config(place)
    everything = _in_config(work, target, unknown) + found.sources
    said = findings(everything)
    for finding in said:
        if finding["live"]:
            module.warn("%s Next: %s" % (finding["message"], finding["hint"]))
    shown = {format_path(TOKEN_PATH): "(generated)"} if decision.generated else None
    rows = report.as_rows(work.changes, shown)
    # In a play openclaw_config comes first and tells of the state directory. In check mode it has not come, and the
    # same line here would make the check differ from the run.
    told = [entry for entry in work.files if entry["action"] != "create"]
    return {
        "changed": bool(work.changes or work.files),
        "path": target.path,
        "source": options["source"],
        "fingerprint": None if unknown else fingerprint(decision.token),
        "generated": decision.generated,
        "replaced": decision.replaced,
        "effect": work.effect,
        "files": work.files,
        "sources": [dict(source._asdict()) for source in everything],
        "source_count": len(sources.server_sources(everything)),
        "findings": said,
        "unreadable": found.unreadable,
        "diff": report.as_diff(rows, told, target.path),
    }


def _decide(module, target):
    config = converge.read_config(storage.read(target.path, target.account))
    present = value_at(config, TOKEN_PATH)
    if isinstance(present, str) and len(present) >= 8:
        module.no_log_values.add(present)
    options = module.params
    decision = decide(config, options["value"], 1 if options["allow_short"] else options["min_length"])
    module.no_log_values.add(decision.token)
    return decision


def _setting(token):
    setting = token
    for key in reversed(TOKEN_PATH):
        setting = {key: setting}
    return setting


def _in_config(work, target, unknown):
    """What the file holds after the run; the fingerprint of a token yet to be generated is nobody's to know."""
    found = sources.from_config(work.data.decode("utf-8"), target.path)
    return [source._replace(fingerprint=None) if unknown and source.kind == "config" else source for source in found]


if __name__ == "__main__":
    _module.run(
        main,
        argument_spec=dict(
            _module.INSTANCE_SPEC,
            state={"type": "str", "choices": ["present"], "default": "present"},
            source={"type": "str", "choices": ["config"], "default": "config"},
            value={"type": "str", "no_log": True},
            min_length={"type": "int", "default": 24},
            allow_short={"type": "bool", "default": False},
            path={"type": "path"},
            label={"type": "str", "default": "ai.openclaw.gateway"},
            launch_daemons_dir={"type": "path", "default": "/Library/LaunchDaemons"},
            launch_agents_dir={"type": "path"},
            launchctl={"type": "path", "default": "/bin/launchctl"},
        ),
        supports_check_mode=True,
    )
