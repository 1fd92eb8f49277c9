#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_doctor
short_description: Hear what OpenClaw's own judges say about a Gateway, and what its logs say
version_added: 0.1.0
description:
  - Runs C(doctor --lint), C(gateway status --no-probe), C(config validate), C(secrets audit), C(security audit) and
    C(models status) of the OpenClaw that is installed, and returns what they find in one shape.
  - Takes about half a minute and starts Node six times. M(clawops.openclaw.openclaw_probe) answers in milliseconds
    whether a Gateway works; this module is for what only OpenClaw itself knows.
  - Each of these commands writes while it looks. So they are given a private copy of the state directory, in a home
    directory of their own, which is gone afterwards. Nothing is repaired, and C(--fix) is not offered.
  - Exit codes are not believed. A judge whose answer is no verdict, that did not end in time, or that judged
    OpenClaw's defaults because there is no configuration, is V(unknown), which is not healthy.
  - Counts what the Gateway's logs say, in the last bytes of them and within a time. See RV(logs).
  - Whatever is found does not make this module fail.
author:
  - clawops.openclaw maintainers (@clawops)
extends_documentation_fragment:
  - clawops.openclaw._attributes
  - clawops.openclaw._attributes.info_module
  - clawops.openclaw._attributes.actiongroup_gateway
  - clawops.openclaw._instance
  - clawops.openclaw._launchd
attributes:
  platform:
    platforms: macOS
    support: full
options:
  openclaw:
    description:
      - The C(openclaw) command whose judges are asked.
      - It runs as O(user), with the environment of the Gateway's service and, where the definition of the service names
        one, with its Node.
    type: path
    default: /opt/openclaw/bin/openclaw
  judges:
    description:
      - Whom to ask.
    type: list
    elements: str
    choices: [config_validate, doctor, gateway_status, secrets_audit, security_audit, models_status]
    default: [config_validate, doctor, gateway_status, secrets_audit, security_audit, models_status]
  timeout:
    description:
      - Seconds that one judge may take. Then it and everything it started is ended.
    type: float
    default: 120
  log_hours:
    description:
      - Lines of the logs that are older than this many hours are not counted.
    type: float
    default: 24
  log_mib:
    description:
      - How much of the end of each log is read, in MiB, rotated files included.
    type: int
    default: 16
notes:
  - In the copy the directories C(cache), C(logs), C(tmp), C(media) and C(backups) are empty, files over 128 MiB and
    what is beyond 512 MiB in all are left out. RV(private_copy.left_out) says so, and RV(state) is then at best
    V(unknown).
  - What OpenClaw keeps under the path of its state directory cannot be told on a copy. Findings of C(doctor) about
    scheduled heartbeats are left out for that reason.
  - References to secrets that a program supplies are not followed.
  - The copy lies in C(/tmp), and only O(user) can enter it. A run that is killed leaves it behind; a later run removes
    what is a day old.
"""

EXAMPLES = r"""
- name: Hear what OpenClaw itself has to say
  clawops.openclaw.openclaw_doctor:
    user: openclaw
  become: true
  register: checkup

- name: Nothing is wrong, and everything could be told
  ansible.builtin.assert:
    that: checkup.state in ["clean", "warnings"]
    fail_msg: "{{ checkup.findings | map(attribute='message') | join(' ') }}"

- name: Only whether secrets lie on the disk as plain text, and what the logs of the last hour say
  clawops.openclaw.openclaw_doctor:
    user: openclaw
    judges: [secrets_audit]
    log_hours: 1
  become: true
"""

RETURN = r"""
state:
  description:
    - What the judges come to.
    - V(clean), all were heard, and none has more than information.
    - V(warnings), all were heard, and the worst they have is a warning.
    - V(unknown), no error is known, but not everything could be told. This is not healthy.
    - V(errors), at least one has an error.
    - The counters of the logs are not part of it.
  returned: always
  type: str
  sample: errors
summary:
  description: How many findings there are of each severity.
  returned: always
  type: dict
  sample: {error: 1, warning: 2, info: 2}
findings:
  description:
    - What the judges find, the worst first. Secrets are fingerprints.
  returned: always
  type: list
  elements: dict
  contains:
    judge:
      description: Who says it, one of O(judges).
      type: str
      sample: security_audit
    check:
      description: Stable name of what was checked, as the judge calls it.
      type: str
      sample: fs.config.perms_world_readable
    severity:
      description: V(error), V(warning) or V(info). OpenClaw's V(critical) is an error.
      type: str
      sample: error
    layer:
      description: Where the fault lives (host, service, network, config, auth, provider).
      type: str
      sample: host
    path:
      description: Key of the configuration, file, or name that is meant. Null where the judge names none.
      type: str
      sample: gateway.auth.token
    message:
      description: What is wrong, in the words of the judge.
      type: str
      sample: "Config file is world-readable: ~/.openclaw/openclaw.json mode=644; it can contain tokens."
    next:
      description: What to do next. Null where nobody says.
      type: str
      sample: chmod 600 /Users/openclaw/.openclaw/openclaw.json
judges:
  description: How each judge was heard, by its name.
  returned: always
  type: dict
  contains:
    verdict:
      description: V(ok), V(findings) (warnings or errors), or V(unknown).
      type: str
      sample: unknown
    code:
      description:
        - Why it is unknown, else null.
        - V(openclaw_missing), V(timeout), V(flood) (it said too much), V(no_verdict) (no answer of the known shape, as
          with a Node that is too old), V(unexplained) (it calls something wrong and names nothing), V(nothing_checked),
          V(judged_defaults).
      type: str
      sample: timeout
    reason:
      description: The same as a sentence, with the first words of what it said.
      type: str
      sample: it did not end within 120 seconds, and was ended
    exit_code:
      description: Its exit code, for information only. Null where it did not end by itself.
      type: int
      sample: 0
    seconds:
      description: How long it took.
      type: float
      sample: 2.4
    findings:
      description: How many findings it has.
      type: int
      sample: 0
    command:
      description: What was run.
      type: str
      sample: openclaw security audit --json
version:
  description: Version of the OpenClaw that was asked, null where it did not say.
  returned: always
  type: str
  sample: 2026.9.6
service:
  description: Path of the property list whose environment was used, null where the label has none.
  returned: always
  type: str
  sample: /Library/LaunchDaemons/ai.openclaw.gateway.plist
private_copy:
  description: The private copy that was judged.
  returned: always
  type: dict
  contains:
    bytes:
      description: How much was copied.
      type: int
      sample: 1573076
    left_out:
      description: What was not copied or could not be read, and why.
      type: list
      elements: str
      sample: []
logs:
  description:
    - What the logs say, one entry for each log. They tell much of the same twice, so they are not added up.
    - V(service) is what launchd keeps of the Gateway's output. It is the Gateway's alone, and has what a Gateway says
      that gives up early.
    - V(own) is what OpenClaw itself keeps. Other Gateways and commands of the same account write to it too.
  returned: always
  type: list
  elements: dict
  contains:
    log:
      description: V(service) or V(own).
      type: str
      sample: service
    path:
      description: Its present file.
      type: str
      sample: /Users/openclaw/Library/Logs/openclaw/gateway.log
    read:
      description: Whether there was anything to read.
      type: bool
      sample: true
    complete:
      description: Whether all of it was read, as far as O(log_hours) reaches.
      type: bool
      sample: true
    notes:
      description: Why something was left out.
      type: list
      elements: str
      sample: []
    files:
      description: Files that were read.
      type: list
      elements: str
      sample: [/Users/openclaw/Library/Logs/openclaw/gateway.log]
    bytes:
      description: How much was read.
      type: int
      sample: 23250
    lines:
      description: Lines that were counted.
      type: int
      sample: 144
    unreadable:
      description: Lines that are binary, too long, or half an object.
      type: int
      sample: 0
    undated:
      description: Lines that came before any time, and are not counted.
      type: int
      sample: 0
    suppressed:
      description: Lines that the Gateway says it left out because there were too many of a kind.
      type: int
      sample: 0
    first:
      description: Time of the first line counted, null without any.
      type: str
      sample: "2026-11-21T17:43:17Z"
    last:
      description: Time of the last line counted, null without any.
      type: str
      sample: "2026-11-21T17:45:36Z"
    signatures:
      description: Lines for each code of the table of codes that says how a log words it, null where nothing was read.
      type: dict
      sample: {long_context_refused: 2}
    plugins:
      description: Plugins whose exceptions ended a process, and how often, null where nothing was read.
      type: dict
      sample: {telegram: 1}
    counters:
      description:
        - How often what was said, null where nothing could be read. An empty counter means never.
        - C(closes), connections closed before their handshake was through, by close code and cause. The code is the one
          the Gateway saw last; a client that hangs up on a refusal turns 1008 into 1006, and the cause stays. Releases
          up to 2026.7 name the cause in the V(own) log only.
        - C(gateway_auth_failures), credentials the Gateway refused, by reason. C(provider_auth_failures), credentials
          that model providers refused, by provider.
        - C(pairing), devices that asked, and that were granted, granted without asking anybody, and refused.
        - C(starts), processes, restarts within a process, and how often the Gateway was ready. C(exits), how processes
          ended; C(unexplained) is one after which another began without a word of farewell, as after a kill;
          C(told_to_stop) is one that was told to stop and never said that it had.
        - C(storms), five processes begun within ten minutes.
        - C(reloads), C(plugin_failures), C(unhandled_rejections), what the names say.
      type: dict
      sample:
        closes: {"1006/unauthorized": 2, "1002/protocol-mismatch": 1}
        exits: {clean: 1, port_held: 1}
        gateway_auth_failures: {token_mismatch: 2}
        pairing: {asked: 1, granted: 1}
        plugin_failures: {}
        provider_auth_failures: {openai: 3}
        reloads: {skipped_invalid: 1}
        starts: {process: 3, ready: 2}
        storms: {}
        unhandled_rejections: {}
failure:
  description: Why the module failed.
  returned: on failure
  type: dict
  contains:
    code:
      description: Stable identifier.
      type: str
      sample: file_system_full
    message:
      description: What is wrong.
      type: str
      sample: "cannot put a private copy of the state directory into /tmp: its file system is full."
    layer:
      description: Where the fault lives.
      type: str
      sample: host
    hint:
      description: What to do next.
      type: str
      sample: free some space there (df -h shows it), then run again.
"""

import os
import time

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._config.identity import require_rights
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor import hearing
from ansible_collections.clawops.openclaw.plugins.module_utils._doctor.judges import JUDGES
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._host import diary, served

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    openclaw={"type": "path", "default": "/opt/openclaw/bin/openclaw"},
    judges={"type": "list", "elements": "str", "choices": list(JUDGES), "default": list(JUDGES)},
    timeout={"type": "float", "default": 120},
    log_hours={"type": "float", "default": 24},
    log_mib={"type": "int", "default": 16},
    label={"type": "str", "default": "ai.openclaw.gateway"},
    launch_daemons_dir={"type": "path", "default": "/Library/LaunchDaemons"},
    launch_agents_dir={"type": "path"},
)


def main(module):
    params = module.params
    check_numbers(params, (("timeout", 0.1, 3600), ("log_hours", 0, 24 * 366), ("log_mib", 0, 1024)))
    account = _module.Account.named(params["user"])
    require_rights(account)
    state_dir = account.state_dir(params["state_dir"])
    agents_dir = params["launch_agents_dir"] or os.path.join(account.home, "Library", "LaunchAgents")
    service = served.look(account, params["label"], params["launch_daemons_dir"], agents_dir)
    wanted = hearing.Wanted(account, state_dir, params["openclaw"], tuple(params["judges"]), params["timeout"])
    result, secrets = hearing.make(wanted, service)
    module.no_log_values.update(secrets)
    since = time.time() - params["log_hours"] * 3600
    return dict(
        result,
        changed=False,
        service=service.definition,
        logs=diary.read(account, state_dir, service, since, params["log_mib"] << 20),
    )


if __name__ == "__main__":
    _module.run(main, argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
