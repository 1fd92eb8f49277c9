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
    or open it, and by OpenClaw's own validation where it is installed (see O(validate)).
  - OpenClaw's own commands and its Control UI write this file too. A version that comes between reading and writing is
    never overwritten; the task fails with C(config_changed_meanwhile) and can be run again.
  - C(${VAR}) and C($include) are kept as text. Included files are read, so that what is judged is what OpenClaw sees,
    and never written or inlined. A key that an included file already sets to the wanted value needs nothing; one that
    it sets to another value is refused (C(setting_in_include)) with the name of that file, unless the main file
    overrides it already.
  - A file that OpenClaw has thrown away (C(openclaw.json.clobbered.*)) after it was written by this module, or that
    held the values of this task, is a failure (C(config_clobbered)) with the reason as long as something would have to
    be written again, and a warning otherwise.
  - A module for one job; use M(clawops.openclaw.openclaw_token) for the Gateway's token.
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
  - clawops.openclaw._wishes
attributes:
  check_mode:
    support: full
    details:
      - Refuses what a run would refuse, OpenClaw's own validation included. O(wait_applied) is left out.
  diff_mode:
    support: full
    details:
      - Shows the managed keys that change, not the file. Secrets are shown as fingerprints, also inside other strings.
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
  include_roots:
    description:
      - Directories that C($include) may lead to, besides that of the file. List what the Gateway's environment has in
        C(OPENCLAW_INCLUDE_ROOTS); OpenClaw refuses includes from elsewhere, and so does this module.
    type: list
    elements: path
    default: []
  openclaw_version:
    description:
      - The OpenClaw release that reads the file. When a file without a C(meta) block is written, it becomes
        C(meta.lastTouchedVersion).
    type: str
  validate:
    description:
      - Whether OpenClaw's own C(config validate) judges the result before it is written. It works on a private copy,
        as O(user), with an environment of its own and a time limit. Its exit code is not trusted.
      - The built-in checks are made in any case.
      - V(auto) asks it when something is to be written and O(openclaw) is there. If the command itself fails, that
        is a warning.
      - V(always) asks it on every run. A command that is missing or fails is a failure.
      - V(never) does not ask it.
    type: str
    choices: [auto, always, never]
    default: auto
  openclaw:
    description:
      - The C(openclaw) command to validate with.
    type: path
    default: /opt/openclaw/bin/openclaw
  backup:
    description:
      - Keep the previous content as C(openclaw.json.ansible-<utc>-<digest>.bak), mode V(0600), beside the file. The
        newest five are kept.
      - Their time also tells which C(.clobbered.*) files are newer than the last write of this module.
    type: bool
    default: true
  wait_applied:
    description:
      - Wait up to this many seconds until the running Gateway says that it has applied the file, and fail with the
        reason if it does not. The file stays changed then, and the failure carries the whole result.
      - The Gateway is asked on 127.0.0.1, at the port and with the secret that the file declares. A secret that is a
        reference or a C(${VAR}) cannot be presented, which is a failure too.
      - A Gateway looks at a changed file about a second after the change. Until the file is five seconds old nothing
        it says is believed.
    type: int
  fallback:
    description:
      - What to begin with where the file is missing, or cut off, or otherwise no configuration any more.
      - V(none) begins with nothing where it is missing, and refuses one that cannot be read (C(config_unparseable)).
      - V(last_good) begins with C(openclaw.json.last-good), the copy that OpenClaw keeps of what it last ran with, and
        does as V(none) where there is no sound one. What else was in the file is lost; see O(backup).
      - V(empty) does as V(last_good), and begins with nothing where there is no sound copy. A file that would lose more
        than half of its size is refused as always (C(config_would_shrink)).
    type: str
    choices: [none, last_good, empty]
    default: none
  unsafe_writes:
    description:
      - Write into the file itself where it cannot be replaced by a rename, for example because it is a mount point.
        A crash in that moment leaves a torn file.
      - Where a rename is possible, it is used.
    type: bool
    default: false
notes:
  - Extended attributes of the file are kept where Python can copy them, which on macOS it cannot. Access control lists
    are never copied, because they could let others in.
  - A run that was killed can leave a temporary file (mode V(0600)) beside the configuration. The next run reports it in
    RV(files) and removes it.
  - A Gateway that is just starting (2026.9) gives up that start when its file changes meanwhile, and comes back at
    launchd's next try. Wait with M(clawops.openclaw.openclaw_probe) for one that was started a moment ago, as the role
    does, and give O(wait_applied) more seconds than the service's throttle interval.
  - O(openclaw_version) must not be newer than the release that runs; an older OpenClaw refuses a file that a newer one
    says it has written.
  - A Gateway that was started with C(--port) does not move when C(gateway.port) alone changes.
  - OpenClaw's own lock on the file (C(openclaw.json.lock)) is held while the file is compared and replaced, so that
    neither this module nor an C(openclaw) command overwrites the other. A lock whose process is gone is removed.
  - Files of more than 16 MiB, 500,000 values or 100 levels are refused.
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
    migrate_legacy: true
  become: true

- name: One list, replaced as a whole
  clawops.openclaw.openclaw_config:
    user: openclaw
    settings:
      gateway:
        controlUi:
          allowedOrigins:
            - https://mini01.example.net
    wait_applied: 30
  become: true

- name: One more origin, whatever others are there
  clawops.openclaw.openclaw_config:
    user: openclaw
    settings:
      gateway:
        controlUi:
          allowedOrigins:
            - https://mini02.example.net
    list_merge: append
  become: true

- name: These model providers and no others
  clawops.openclaw.openclaw_config:
    user: openclaw
    settings:
      models:
        providers:
          local:
            baseUrl: http://127.0.0.1:11434/v1
            api: openai-completions
            models: []
    replace:
      - models.providers
    absent:
      - channels["old.bot"]
    validate: always
  become: true

- name: A file that somebody cut off is what OpenClaw last ran with
  clawops.openclaw.openclaw_config:
    user: openclaw
    fallback: last_good
  become: true

- name: What has drifted from the known-good configuration
  clawops.openclaw.openclaw_config:
    user: openclaw
    baseline:
      mode: report
      settings:
        gateway:
          bind: loopback
          auth:
            mode: token
          controlUi: {}
      replace:
        - gateway.controlUi
  become: true
  register: config
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
  description: What changes about the file, its directory and what a killed run has left there.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file or directory.
      type: str
      sample: /Users/openclaw/.openclaw
    action:
      description:
        - V(create) (a directory), V(mode), V(owner), V(restore) (see O(fallback)) or V(remove) (a temporary file that
          was left).
      type: str
      sample: mode
    before:
      description: Mode (octal) or uid before; null for a new directory.
      type: str
      sample: "0755"
    after:
      description: Mode (octal) or uid after; null for what is removed.
      type: str
      sample: "0700"
effect:
  description:
    - How a running Gateway takes the change.
    - V(none) nothing to do; V(hot) applied while it runs; V(in_process_restart) it restarts by itself;
      V(restart) nothing happens until somebody restarts it (C(gateway.reload.mode) is V(off), or the secret of the
      present auth mode was removed, which a running Gateway refuses).
    - A Gateway whose environment says C(OPENCLAW_SUPERVISOR_MODE=external) restarts by itself inside its process only
      with C(OPENCLAW_NO_RESPAWN=1) there too. Otherwise it exits with 0 and waits for its supervisor to start it.
  returned: success
  type: str
  sample: hot
baseline:
  description: How the file as it was found compares with O(baseline); null without that option.
  returned: success
  type: dict
  contains:
    mode:
      description: As O(baseline.mode).
      type: str
      sample: report
    matches:
      description: Whether there is no difference.
      type: bool
      sample: false
    drift:
      description: What would have to change for the baseline to be true, in the form of RV(changes).
      type: list
      elements: dict
      sample:
        - path: gateway.bind
          action: change
          before: lan
          after: loopback
validated:
  description: Who judged the result. V(builtin) for the built-in checks alone, V(openclaw) for OpenClaw as well.
  returned: success
  type: str
  sample: openclaw
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
applied:
  description: What the running Gateway said; null without O(wait_applied) and in check mode.
  returned: success, and when the Gateway did not apply the file
  type: dict
  contains:
    ok:
      description: Whether it runs with the saved file.
      type: bool
      sample: true
    code:
      description: Why not, as a code of M(clawops.openclaw.openclaw_probe), or V(restart_needed); null if it does.
      type: str
      sample: config_pending
    reason:
      description: The same in words.
      type: str
      sample: the saved configuration is the one that runs.
    waited_s:
      description: Seconds waited.
      type: float
      sample: 5.8
    server:
      description: The Gateway that answered, as M(clawops.openclaw.openclaw_probe) tells it; null if none was asked.
      type: dict
      sample:
        version: 2026.9.6
        boot_id: a5f97961-93c9-447d-91b9-b257ecb673a5
        uptime_ms: 56224
failure:
  description: Why the module refused or failed.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Stable identifier. Of the file, V(config_unparseable), V(config_not_utf8), V(root_not_object),
          V(config_changed_meanwhile), V(config_clobbered), V(config_locked), V(config_would_shrink), V(config_invalid).
        - Of the cross checks, V(gateway_mode_missing), V(gateway_mode_remote), V(bind_unknown), V(bind_without_auth),
          V(bind_host_missing), V(auth_mode_unknown), V(auth_ambiguous), V(trusted_proxy_incomplete),
          V(tailscale_bind), V(legacy_gateway_token), V(legacy_key), V(port_invalid), V(origins_invalid),
          V(secret_placeholder), V(plain_secret), V(numeric_string), V(boolean_string).
        - Of includes, V(setting_in_include), V(include_invalid), V(include_outside), V(include_cycle),
          V(include_too_deep), V(include_too_many), V(include_unreadable), V(include_unparseable).
        - Of the task, V(path_invalid), V(setting_null), V(settings_conflict), V(settings_too_deep),
          V(gateway_mode_removed), V(meta_removed), V(replace_without_settings), V(replace_index), V(absent_index).
        - Of OpenClaw's command, V(openclaw_missing), V(openclaw_timeout), V(openclaw_failed).
        - Of the Gateway, V(restart_needed), or what M(clawops.openclaw.openclaw_probe) says.
        - Of the host, V(user_missing), V(not_permitted), V(file_of_stranger), V(not_a_file), V(link_refused),
          V(file_too_large), V(permission_denied), V(file_system_full), V(file_system_read_only),
          V(rename_impossible), V(file_operation_failed), V(not_a_directory), V(parent_missing).
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

import os

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._config import (
    clobbered,
    converge,
    judged,
    last_good,
    storage,
    swap,
    wishes,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import report
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.fingerprint import secrets_in

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    **wishes.OPTIONS,
    path={"type": "path"},
    include_roots={"type": "list", "elements": "path", "default": []},
    openclaw_version={"type": "str"},
    validate={"type": "str", "default": "auto", "choices": ["auto", "always", "never"]},
    openclaw={"type": "path", "default": "/opt/openclaw/bin/openclaw"},
    backup={"type": "bool", "default": True},
    fallback={"type": "str", "default": "none", "choices": list(last_good.FALLBACKS)},
    wait_applied={"type": "int"},
    unsafe_writes={"type": "bool", "default": False},
)

#: O(unsafe_writes) -> how the file is put in place.
_WRITERS = {False: swap.replace, True: swap.replace_or_overwrite}


class _ConfigModule(_module.DiscreetModule):
    configurations = ("settings", "baseline")


def main(module):
    options = module.params
    account = _module.Account.named(options["user"])
    state_dir = account.state_dir(options["state_dir"])
    path = options["path"] or os.path.join(state_dir, "openclaw.json")
    target = converge.Target(account, state_dir, path, tuple(options["include_roots"]))
    wanted, known = wishes.from_options(options)
    fallback = last_good.FALLBACKS[options["fallback"]]
    work = converge.prepare_all(target, wanted, options["openclaw_version"], fallback=fallback, **known)
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
        "baseline": known and {"mode": options["baseline"]["mode"], "matches": not drift, "drift": drift} or None,
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

    result["applied"], failure = wait_applied(work.after, result["path"], work.effect, seconds)
    if failure:
        module.fail_json(msg=failure.sentence(), failure=failure.as_dict(), **result)


if __name__ == "__main__":
    _module.run(main, module_class=_ConfigModule, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
