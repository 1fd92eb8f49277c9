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
  - Exactly one place of the host supplies the Gateway's token, it is the declared one, and the Gateway takes it. Every
    place that could supply one is looked at and told, with a fingerprint and never a value.
  - Without O(value), a good token that the Gateway has now is kept, wherever it comes from, and moved to the declared
    place; otherwise one is generated on the host from the system's randomness. A token is never returned, printed or
    logged.
  - A change is made in an order from every point of which there is a way back. The new token is written and read back,
    the other sources are removed, the Gateway takes the change (by itself, by a reload, or by one restart of its job),
    and then it must take the new token and refuse the old one. If not, everything is put back, and the old token is
    proven instead. RV(failure) says in which stage it failed and whether the old state is back. A lost connection, or a
    signal to end, is such a failure too, for nobody would hand on a new token that nobody has heard of.
  - What a person owns (shell start files, files of other accounts) is never edited. It is reported with the line and a
    command.
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
  - clawops.openclaw._launchd
  - clawops.openclaw._launchd.launchctl
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
      - V(present) makes a good token be there, and in one place.
      - V(rotated) does the same with another token, if O(when) says that it is due. With O(value) that is the next
        token, and a second run changes nothing; without, each due run generates one.
      - V(absent) takes the token away from every place that is the Gateway's own. For a host that is given up, after
        its Gateway was stopped. One that still runs is restarted and has a token of its own making afterwards, which
        nobody knows.
    type: str
    choices: [present, rotated, absent]
    default: present
  when:
    description:
      - When a rotation is due. V(always), V(max_age) (the token has been in place for longer than O(max_age), or nobody
        knows for how long), or V(fingerprint) (the token in use is the one with this O(fingerprint)).
    type: str
    choices: [always, max_age, fingerprint]
    default: always
  max_age:
    description:
      - Seconds after which a token is too old, for O(when=max_age). A number with a unit is accepted, such as V(90d)
        (C(s), C(m), C(h), C(d), C(w)).
      - The time is kept beside the configuration, in C(gateway-token.since.json), with the fingerprint of the token.
    type: str
  fingerprint:
    description:
      - Fingerprint of the token that has to go, for O(when=fingerprint). That of a token that leaked, for example.
    type: str
  source:
    description:
      - Where the token lives. V(config) is the text of C(gateway.auth.token) in C(openclaw.json), mode V(0600).
      - V(file) is O(secret_file), mode V(0600), to which C(gateway.auth.token) refers (a SecretRef).
      - V(env) is the variable C(OPENCLAW_GATEWAY_TOKEN) in C(.env) of O(state_dir), mode V(0600), to which
        C(gateway.auth.token) refers. OpenClaw reads it when it starts, so each change costs a restart.
      - V(exec) is a generic password in O(keychain), service O(label), account O(user). C(gateway.auth.token) refers to
        a program of three lines in C(bin) of O(state_dir) that asks C(/usr/bin/security) for it.
    type: str
    choices: [config, file, env, exec]
    default: config
  secret_file:
    description:
      - The JSON file for O(source=file). Its key C(gateway.token) is managed, others stay.
      - Defaults to C(secrets/gateway.json) in O(state_dir).
    type: path
  keychain:
    description:
      - Keychain for O(source=exec). The default is open without a login, but what is in it, root on this host can read.
    type: path
    default: /Library/Keychains/System.keychain
  others:
    description:
      - What to do with other sources of the token that are the Gateway's own (C(.env), the service's property list and
        env file, the environment of launchd domains, C(gateway.remote.token), legacy keys).
      - With V(remove) they are removed, with V(report) only told.
    type: str
    choices: [remove, report]
    default: remove
  old_copies:
    description:
      - What to do with copies of C(openclaw.json) that hold a token (C(.bak), C(.clobbered), C(.last-good)). They are
        told in any case.
    type: str
    choices: [keep, purge]
    default: keep
  operators:
    description:
      - Accounts of people who work with this Gateway from a shell. Their shell start files are looked through too.
    type: list
    elements: str
    default: []
  deliver_to:
    description:
      - Places on this host that get the token, too, once it is proven. A place is a file or a keychain item. Nothing
        else ever gets it.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - File with the token and a line break. Its directory has to be there.
        type: path
      mode:
        description:
          - Permission bits of O(deliver_to[].path), which keep others out.
        type: str
        default: "0600"
      owner:
        description:
          - Account that owns the file, or the item is named after. O(user) by default.
        type: str
      keychain_service:
        description:
          - Service of a generic password, instead of O(deliver_to[].path).
        type: str
      keychain:
        description:
          - Keychain of O(deliver_to[].keychain_service), C(/Library/Keychains/System.keychain) by default.
        type: path
  consumers:
    description:
      - Fingerprints of what others hold for this Gateway (a CI secret, a client elsewhere). One that differs is a
        finding, and a warning.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What holds it.
        type: str
        required: true
      fingerprint:
        description: C(sha256:) and the first twelve hexadecimal digits of the digest.
        type: str
        required: true
  timeout:
    description:
      - Seconds to wait for the Gateway to take the change. Has to be longer than the throttle interval of its job.
    type: int
    default: 120
  value:
    description:
      - The token, for example from Ansible Vault. Leave it out to keep or generate one on the host.
      - Refused when empty, C(undefined), C(null), C(__OPENCLAW_REDACTED__), an unresolved C(${...}) or shorter than
        O(min_length).
    type: str
  generate:
    description:
      - Whether a token may be generated where one is needed and O(value) is not given. With V(false) that is a failure
        (C(token_undeclared)), and nothing changes.
    type: bool
    default: true
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

- name: A new token every ninety days
  clawops.openclaw.openclaw_token:
    user: openclaw
    state: rotated
    when: max_age
    max_age: 90d
  become: true

- name: Away with a token that leaked
  clawops.openclaw.openclaw_token:
    user: openclaw
    state: rotated
    when: fingerprint
    fingerprint: sha256:9f86d081884c
    old_copies: purge
  become: true

- name: The token in the keychain, a copy for the monitoring, and what the CI still holds
  clawops.openclaw.openclaw_token:
    user: openclaw
    source: exec
    deliver_to:
      - path: /Users/openclaw/monitoring.token
    consumers:
      - name: the CI's secret
        fingerprint: sha256:9f86d081884c
  become: true

- name: A host that is given up
  clawops.openclaw.openclaw_token:
    user: openclaw
    state: absent
    old_copies: purge
  become: true
"""

RETURN = r"""
source:
  description: Where the token lives.
  returned: success
  type: str
  sample: config
fingerprint:
  description: Fingerprint of the token; null without one, and in check mode where a run would generate one.
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
previous:
  description: Fingerprint of the token that the Gateway took before; null where none was known to work.
  returned: success
  type: str
  sample: sha256:2c26b46b68ff
due:
  description:
    - Why the token was rotated or not, V(always), V(too_old), V(age_unknown), V(young_enough),
      V(fingerprint_matches) or V(fingerprint_differs); null without O(state=rotated).
  returned: success
  type: str
  sample: young_enough
applied:
  description:
    - How the Gateway took the change. V(nothing), V(hot) (by itself), V(reload) (it was asked to read its secrets), or
      V(restart) (its job was restarted, once).
  returned: success
  type: str
  sample: hot
proof:
  description:
    - V(proven) where the Gateway took the token, if there is one, and refused the previous one if that was another.
      V(not_running) where nothing listens that could be asked. V(check_mode) where nothing was done.
  returned: success
  type: str
  sample: proven
restarts:
  description: How often the Gateway's job was restarted, or would be; never more than once.
  returned: success
  type: int
  sample: 0
unproven_s:
  description: Seconds from the first write to the proof. The Gateway was without a working token for no longer.
  returned: success
  type: float
  sample: 1.4
effect:
  description: How a running Gateway takes the change of openclaw.json, as in M(clawops.openclaw.openclaw_config).
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
      description: Which kind of place. The kinds are listed in the collection's page on token sources.
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
    fingerprint:
      description: Fingerprint of the value; null for a reference, or for a token that is yet to be generated.
      type: str
      sample: sha256:9f86d081884c
    owner:
      description: Whose place it is, V(ours), V(openclaw), V(person) or V(system).
      type: str
    name:
      description: Variable, option or key that carries it.
      type: str
      sample: gateway.auth.token
    credential:
      description: V(token) or V(password).
      type: str
    whose:
      description: Account or launchd domain, where that is not O(user).
      type: str
    reference:
      description: What a reference names (C(source), C(provider), C(id), C(form)); null for a value.
      type: dict
survey_ms:
  description: Milliseconds that the first look for sources took.
  returned: success
  type: float
  sample: 31.4
source_count:
  description: How many of RV(sources) could supply the server's token. One is right.
  returned: success
  type: int
  sample: 1
version:
  description: Version of the OpenClaw that the job runs; null where it cannot be told. Then the newest is assumed.
  returned: success
  type: str
  sample: 2026.9.6
winners:
  description: Which of RV(sources) supplies whom in that version.
  returned: success
  type: list
  elements: dict
  sample:
    - {consumer: server, winner: config, location: /Users/openclaw/.openclaw/openclaw.json, line: 9, shadowed: [dotenv],
       fingerprint: "sha256:9f86d081884c"}
delivered:
  description: Places of O(deliver_to) that got the token, or would.
  returned: success
  type: list
  elements: str
consumers:
  description: O(consumers), each with C(current), whether it holds the present token; null where nobody knows yet.
  returned: success
  type: list
  elements: dict
reports:
  description: Sources that are a person's to remove, with the line and, where there is one, the command.
  returned: success
  type: list
  elements: dict
findings:
  description: What is to be said about sources other than the declared one.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: Stable identifier, C(token_source_) and the kind, or C(consumer_outdated).
      type: str
      sample: token_source_dotenv
    location:
      description: File or command, or the name of a consumer.
      type: str
    line:
      description: Line in the file, from 1; null where there is none.
      type: int
    live:
      description: Whether the running server could take its token from there.
      type: bool
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
          V(token_undeclared), V(rotation_unspecified), V(auth_mode_conflict), V(token_is_reference),
          V(token_source_stuck), V(token_not_on_disk), V(old_token_accepted), V(job_not_found), V(reload_refused),
          V(gateway_unclear), V(delivery_impossible), V(keychain_locked), V(caller_gone), V(interrupted), or one of
          M(clawops.openclaw.openclaw_config), M(clawops.openclaw.openclaw_probe),
          M(clawops.openclaw.openclaw_service).
      type: str
      sample: token_short
    stage:
      description: V(write), V(verify), V(strip), V(apply), V(prove) or V(deliver). Absent where nothing had begun.
      type: str
      sample: prove
    restored:
      description:
        - Whether the state before is back and its token proven. V(null) where it is back and no Gateway answers that
          could prove it. Absent where nothing had begun.
      type: bool
      sample: true
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

import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import require_rights
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets import survey
from ansible_collections.clawops.openclaw.plugins.module_utils._secrets.findings import findings
from ansible_collections.clawops.openclaw.plugins.module_utils._token import (
    caller,
    change,
    declared,
    host,
    job,
    keychain,
    task,
    told,
)


def main(module):
    wanted = declared.task_of(module.params, _module.Account.named)
    account, place = wanted.target.account, wanted.places
    require_rights(account)
    launchd = job.Job(account, place.label, place.launchctl, place.daemons_dir, place.agents_dir)
    gateway = host.Gateway(wanted.target.path, module.params["timeout"], launchd.has_process)
    prepared = task.prepare(wanted, gateway, time.time())
    plan = prepared.plan
    module.no_log_values.update(token for token in (plan.new, plan.old, prepared.present) if token and len(token) >= 8)
    began, proof = time.monotonic(), "check_mode"
    restarts, after = change.restarts(plan), told.foretold(prepared, wanted)
    if not module.check_mode:
        with caller.Caller() as waiting:
            proof = change.carry_out(plan, host.Host(account, gateway, launchd, waiting))
        restarts, after = launchd.restarts, survey.everything(place).sources
        task.require_stripped(prepared, after)
    unknown = module.check_mode and prepared.choice.origin == "generated"
    compared = told.consumers(wanted.consumers, None if unknown else plan.new)
    said = findings(after) + told.outdated(compared)
    for finding in said:
        if finding["live"] or finding["code"] == "consumer_outdated":
            module.warn("%s Next: %s" % (finding["message"], finding["hint"]))
    if wanted.wish.state == "absent" and plan.running:
        module.warn(told.RUNS_WITHOUT)
    return told.result(prepared, wanted, proof, after, compared, said, restarts, time.monotonic() - began)


if __name__ == "__main__":
    _module.run(
        main,
        argument_spec=dict(
            _module.INSTANCE_SPEC,
            state={"type": "str", "choices": ["present", "rotated", "absent"], "default": "present"},
            when={"type": "str", "choices": ["always", "max_age", "fingerprint"], "default": "always"},
            max_age={"type": "str"},
            fingerprint={"type": "str"},
            generate={"type": "bool", "default": True},
            source={"type": "str", "choices": ["config", "file", "env", "exec"], "default": "config"},
            secret_file={"type": "path", "no_log": False},
            keychain={"type": "path", "default": keychain.SYSTEM, "no_log": False},
            others={"type": "str", "choices": ["remove", "report"], "default": "remove"},
            old_copies={"type": "str", "choices": ["keep", "purge"], "default": "keep"},
            operators={"type": "list", "elements": "str", "default": []},
            deliver_to={
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "path": {"type": "path"},
                    "mode": {"type": "str", "default": "0600"},
                    "owner": {"type": "str"},
                    "keychain_service": {"type": "str", "no_log": False},
                    "keychain": {"type": "path", "no_log": False},
                },
                "mutually_exclusive": [("path", "keychain_service")],
                "required_one_of": [("path", "keychain_service")],
            },
            consumers={
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "fingerprint": {"type": "str", "required": True},
                },
            },
            timeout={"type": "int", "default": 120},
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
