#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_config
short_description: Keep keys of openclaw.json at declared values
version_added: 0.1.0
author:
  - clawops.openclaw maintainers (@clawops)
description:
  - Makes keys of an OpenClaw configuration have declared values and touches nothing else. Comments, order,
    indentation, quotes, line ends and every key that is not named stay as they are, byte for byte.
  - The file is replaced atomically, mode V(0600), owned by O(user), in a directory of mode V(0700). It is never
    shortened to less than half, never loses C(gateway.mode), and keeps or gets its C(meta) block, because OpenClaw
    would otherwise throw the file away and restore an older one.
  - Before the swap the result is checked for things that OpenClaw's schema accepts and that then stop the Gateway
    or open it.
  - C(${VAR}) and C($include) are kept as text. A key that comes from an included file is added beside the include,
    where it wins.
  - A module for one job; use M(clawops.openclaw.openclaw_token) for the Gateway's token.
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the managed keys that change, not the file. Secrets are shown as fingerprints.
  idempotent:
    support: full
  platform:
    support: full
    platforms: macOS
options:
  path:
    description:
      - The configuration file.
      - Defaults to C(openclaw.json) in O(state_dir).
      - A symbolic link is written through if it leads to a regular file that O(user) owns, and refused otherwise.
    type: path
  settings:
    description:
      - Keys and the values they must have.
      - Dictionaries are merged into what is there; everything else, lists included, replaces what is there.
      - Values under keys like C(token), C(password) or C(apiKey) are treated as secrets and appear nowhere.
    type: dict
    default: {}
  absent:
    description:
      - Dotted paths that must not be there, for example C(gateway.token) or C(channels["my.bot"].enabled).
    type: list
    elements: str
    default: []
  openclaw_version:
    description:
      - The OpenClaw release that reads the file. When a file without a C(meta) block is written, it becomes
        C(meta.lastTouchedVersion).
    type: str
  backup:
    description:
      - Keep the previous content as C(openclaw.json.ansible-<utc>-<digest>.bak), mode V(0600), beside the file. The
        newest five are kept.
    type: bool
    default: true
seealso:
  - module: clawops.openclaw.openclaw_token
  - module: clawops.openclaw.openclaw_probe
"""

EXAMPLES = r"""
- name: The Gateway listens on loopback only and asks for a token
  clawops.openclaw.openclaw_config:
    user: openclaw
    openclaw_version: 2026.9.6
    settings:
      gateway:
        mode: local
        bind: loopback
        port: 18789
        auth:
          mode: token
    absent:
      - gateway.token
  become: true

- name: One list, replaced as a whole
  clawops.openclaw.openclaw_config:
    user: openclaw
    settings:
      gateway:
        controlUi:
          allowedOrigins:
            - https://mini01.example.net
  become: true
"""

RETURN = r"""
path:
  description: The configuration file.
  returned: success
  type: str
  sample: /Users/openclaw/.openclaw/openclaw.json
changes:
  description: What changes, key by key. Secrets are shown as fingerprints.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Dotted path of the key.
      type: str
      sample: gateway.port
    action:
      description: V(add), V(change) or V(remove).
      type: str
      sample: change
    before:
      description: The value before; null where there was none.
      type: raw
      sample: 18789
    after:
      description: The value after; null where there is none.
      type: raw
      sample: 18790
files:
  description: What changes about the file and its directory themselves.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file or directory.
      type: str
      sample: /Users/openclaw/.openclaw
    action:
      description: V(create) (a directory), V(mode) or V(owner).
      type: str
      sample: mode
    before:
      description: Mode (octal) or uid before; null for a new directory.
      type: str
      sample: "0755"
    after:
      description: Mode (octal) or uid after.
      type: str
      sample: "0700"
effect:
  description:
    - How a running Gateway takes the change.
    - V(none) nothing to do; V(hot) applied while it runs; V(in_process_restart) it restarts by itself;
      V(restart) nothing happens until somebody restarts it (C(gateway.reload.mode) is V(off)).
    - A Gateway whose environment says C(OPENCLAW_SUPERVISOR_MODE=external) restarts by itself inside its process only
      with C(OPENCLAW_NO_RESPAWN=1) there too. Otherwise it exits with 0 and waits for its supervisor to start it.
  returned: success
  type: str
  sample: hot
backup_file:
  description: Where the previous content was kept; null when nothing was written, in check mode, or without O(backup).
  returned: success
  type: str
  sample: /Users/openclaw/.openclaw/openclaw.json.ansible-20260921T101500Z-1f2e3d4c.bak
digest:
  description: SHA-256 of the file as it is now, or as it would be in check mode; null where there is no file.
  returned: success
  type: str
  sample: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
failure:
  description: Why the module refused or failed.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Stable identifier, for example V(config_unparseable), V(config_changed_meanwhile), V(bind_without_auth),
          V(gateway_mode_missing), V(file_system_full).
      type: str
      sample: bind_without_auth
    message:
      description: What is wrong, with the file and the key.
      type: str
      sample: "openclaw.json would be refused or unsafe: gateway.bind is 'lan' while gateway.auth.mode is 'none'."
    layer:
      description: Where the fault lies.
      type: str
      sample: config
    hint:
      description: What to do next.
      type: str
      sample: set gateway.bind to 'loopback', or gateway.auth.mode to 'token'.
"""

import json
import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._config import (
    clobbered,
    converge,
    judged,
    storage,
    swap,
    wishes,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._config.paths import parse_path
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import secrets_in

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    path={"type": "path"},
    settings={"type": "dict", "default": {}},
    list_merge={"type": "str", "default": "replace", "choices": list(wishes.LIST_MERGES)},
    absent={"type": "list", "elements": "str", "default": []},
    replace={"type": "list", "elements": "str", "default": []},
    baseline={
        "type": "dict",
        "options": {
            "mode": {"type": "str", "default": "report", "choices": ["report", "enforce"]},
            "settings": {"type": "dict", "required": True},
            "replace": {"type": "list", "elements": "str", "default": []},
        },
    },
    migrate_legacy={"type": "bool", "default": False},
    include_roots={"type": "list", "elements": "path", "default": []},
    openclaw_version={"type": "str"},
    validate={"type": "str", "default": "auto", "choices": ["auto", "always", "never"]},
    openclaw={"type": "path", "default": "/opt/openclaw/bin/openclaw"},
    backup={"type": "bool", "default": True},
    wait_applied={"type": "int"},
    unsafe_writes={"type": "bool", "default": False},
)

#: O(unsafe_writes) -> how the file is put in place.
_WRITERS = {False: swap.replace, True: swap.replace_or_overwrite}


class _DiscreetModule(AnsibleModule):
    """Learns the secrets inside O(settings) before Ansible logs the arguments or complains about them."""

    def _load_params(self):
        super()._load_params()
        baseline = self.params.get("baseline")
        known = baseline.get("settings") if isinstance(baseline, dict) else baseline
        self.no_log_values.update(secrets_in_option(self.params.get("settings")) | secrets_in_option(known))


def secrets_in_option(settings):
    """What of a raw O(settings), still unchecked, may not be shown. Everything, where it cannot be looked into."""
    if isinstance(settings, str):
        try:
            settings = json.loads(settings)
        except ValueError:
            # Ansible may still read it as key=value pairs.
            return {settings} | {piece for piece in re.split(r"[=,\s]+", settings) if len(piece) > 5}
    return secrets_in(settings, secret=not isinstance(settings, dict))


def wished(options):
    """Return what the options ask of the file, as :class:`wishes.Wishes`."""
    return wishes.Wishes(
        options["settings"],
        tuple(map(parse_path, options["absent"])),
        tuple(map(parse_path, options["replace"])),
        options["list_merge"],
        wishes.LEGACY if options["migrate_legacy"] else (),
    )


def baselines(option):
    """Return the keyword arguments of :func:`converge.prepare_all` for O(baseline)."""
    if not option:
        return {}
    known = wishes.Baseline(option["settings"], tuple(map(parse_path, option["replace"])))
    return {{"report": "compared", "enforce": "enforced"}[option["mode"]]: known}


def main(module):
    options = module.params
    account = _module.Account.named(options["user"])
    state_dir = account.state_dir(options["state_dir"])
    path = options["path"] or os.path.join(state_dir, "openclaw.json")
    target = converge.Target(account, state_dir, path, tuple(options["include_roots"]))
    work = converge.prepare_all(
        target, wished(options), options["openclaw_version"], **baselines(options["baseline"])
    )
    hidden = secrets_in(work.before) | secrets_in(work.after)
    lost = clobbered.find(work.snapshot, work.wished, account)
    if lost and work.changes:
        clobbered.refuse(lost, path)
    if lost:
        module.warn(clobbered.sentence(lost, path))
    validated, doubt = judged.by_openclaw(
        work, options["validate"], options["openclaw"], lambda text: report.without(text, hidden)
    )
    if doubt:
        module.warn(doubt)
    kept = None if module.check_mode else converge.commit(work, options["backup"], _WRITERS[options["unsafe_writes"]])
    rows = report.as_rows(work.changes, hidden=hidden)
    drift = report.as_rows(work.drift, hidden=hidden)
    result = {
        "changed": bool(work.changes or work.files),
        "path": path,
        "changes": rows,
        "files": work.files,
        "effect": work.effect,
        "baseline": {"mode": options["baseline"]["mode"], "matches": not drift, "drift": drift}
        if options["baseline"]
        else None,
        "validated": validated,
        "backup_file": kept,
        "digest": storage.digest(work.data) if work.data else None,
        "applied": None,
        "diff": report.as_diff(rows, work.files, path),
    }
    if options["wait_applied"] and not module.check_mode:
        prove(module, work, options["wait_applied"], result)
    return result


def prove(module, work, seconds, result):
    """Wait for the Gateway, put what it said into the result, and fail with all of it where it did not follow."""
    # Most tasks do not ask a Gateway.
    from ansible_collections.clawops.openclaw.plugins.module_utils._gateway.applied import wait_applied

    if work.effect == "restart":
        failure = Failure(
            "restart_needed",
            "the Gateway does not take up %s by itself: reloading is off, or its secret was removed." % result["path"],
            "service",
            "restart it (openclaw_service, state: restarted), then wait with openclaw_probe.",
        )
        said = {"ok": False, "code": failure.code, "reason": failure.message, "waited_s": 0.0, "server": None}
        result["applied"] = said
    else:
        result["applied"], failure = wait_applied(work.after, result["path"], seconds)
    if failure:
        module.fail_json(msg=failure.sentence(), failure=failure.as_dict(), **result)


if __name__ == "__main__":
    _module.run(main, module_class=_DiscreetModule, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
