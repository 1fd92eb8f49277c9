#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_upgrade
short_description: A change of OpenClaw releases that has a way back
version_added: 0.1.0
description:
  - Says before anything is changed whether a staged release can take over from the one that is current, and copies what
    it will migrate; has OpenClaw's doctor take over what that release does not by itself; afterwards closes the
    upgrade, or puts the copies back.
  - A newer OpenClaw migrates its databases when it starts, and an older one then refuses them (C(uses newer schema
    version)). So there is no way back to the older release without a copy of what was there before.
  - Neither switches a release nor starts a job; see M(clawops.openclaw.openclaw_release) and
    M(clawops.openclaw.openclaw_service). The role C(gateway) does all of it in order.
  - An upgrade or a downgrade that was begun is remembered until it is proven or undone, also by a run that was killed.
author:
  - clawops.openclaw maintainers (@clawops)
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
      - Refuses what a run would refuse. What only a staged release can say is asked where it is staged already, and the
        trial is left out.
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    platforms: macOS
    support: full
options:
  state:
    description:
      - V(begun), the release O(version) can take over. Looked at are the schemas of the databases, files that only
        OpenClaw's doctor takes over, and C(openclaw.json), which that release itself judges
        (C(config validate)). Then that release is started once, by itself, and what it will migrate is copied into
        C(.upgrade) in the state directory. What stands in the way is a failure (C(upgrade_refused)), and nothing was
        changed.
      - Where no release is current yet, or a newer one has run already than the one that is, there is nothing to go
        back to, and nothing is begun. It is refused then where O(version) could not read what another OpenClaw has left
        in the state directory.
      - V(taken_over), nothing is left that only OpenClaw's doctor takes over. It is the doctor of the new release
        (C(doctor --fix)), and the job must not run. What it takes over was copied into C(.upgrade) while the earlier
        release still ran, and is again where that has written since. The doctor works with a copy of C(openclaw.json),
        because it would write what it thinks of into it. Nothing is done where no upgrade is open.
      - V(proven), the upgrade is closed. The copies stay until the next one begins.
      - V(undone), databases that the earlier release cannot read are what they were, and files that were retired with
        them are back. What the newer release had made is moved to C(.upgrade/newer), so nothing is deleted.
        Databases that the earlier release reads stay as they are. The job must not run.
    type: str
    choices: [begun, taken_over, proven, undone]
    default: begun
  version:
    description:
      - The release that takes over. Required with O(state=begun).
    type: str
  legacy:
    description:
      - With O(state=begun), what becomes of an upgrade where a file of the earlier release is taken over by OpenClaw's
        doctor alone, such as the conversations and credentials of 2026.7. V(refused), it is refused, with the file and
        the command. V(accepted), it goes on, and O(state=taken_over) is called for when RV(takeover) says so.
    type: str
    choices: [accepted, refused]
    default: refused
  doctor_timeout:
    description:
      - Seconds that the doctor may take with O(state=taken_over). The Gateway is down meanwhile.
    type: int
    default: 900
  snapshot:
    description:
      - Name of the rollback point (M(clawops.openclaw.openclaw_snapshot)) that belongs to it, to be told again by a
        later run.
    type: str
  trial_timeout:
    description:
      - Seconds that the release may take until it is ready when it is started by itself, as O(user), on a free port of
        the loopback address, with a configuration and a state of its own and without channels. V(0) leaves that out.
      - It takes as much memory as a second Gateway while it lasts.
    type: int
    default: 300
  root:
    description:
      - Directory below which M(clawops.openclaw.openclaw_release) keeps releases.
    type: path
    default: /opt/openclaw
notes:
  - What the old release writes between the copy and its end, and whatever the new one has written, is not in the copy.
    It is in C(.upgrade/newer) where the copy was put back.
  - Media, caches, logs and workspaces are not copied, because no release migrates them when it starts. Conversations in
    C(sessions) are copied where the doctor is to take them over.
seealso:
  - module: clawops.openclaw.openclaw_release
  - module: clawops.openclaw.openclaw_snapshot
"""

EXAMPLES = r"""
- name: See whether the staged release can take over, and copy what it will migrate
  become: true
  clawops.openclaw.openclaw_upgrade:
    user: openclaw
    version: 2026.9.6

- name: Have OpenClaw's doctor take over what the release does not by itself, with the Gateway stopped
  become: true
  clawops.openclaw.openclaw_upgrade:
    user: openclaw
    state: taken_over

- name: The new release is well
  become: true
  clawops.openclaw.openclaw_upgrade:
    user: openclaw
    state: proven
"""

RETURN = r"""
upgrade:
  description:
    - The upgrade that is meant, null when there is none. C(version) and C(node_version) ran before, C(to) takes over,
      C(state) is V(open), V(proven) or V(undone).
  returned: success
  type: dict
  sample:
    version: 2026.7.1
    node_version: 24.21.0
    to: 2026.9.6
    snapshot: 20261122T090102Z-5f2b7a10
    state: open
trial_seconds:
  description: Seconds until the new release was ready when it was started by itself, null when it was not.
  returned: success
  type: float
  sample: 9.4
copied_bytes:
  description: Size of the copies.
  returned: success
  type: int
  sample: 1253376
legacy:
  description: Files that only the doctor takes over, relative to the state directory, before this call.
  returned: success
  type: list
  elements: str
  sample: [agents/main/sessions/sessions.json]
takeover:
  description: Whether O(state=taken_over) is called for, or has done something.
  returned: success
  type: bool
  sample: false
put_back:
  description: Paths below the state directory that came back, with O(state=undone).
  returned: success
  type: list
  elements: str
  sample: [state/openclaw.sqlite, devices/paired.json]
taken_away:
  description: Databases that only the newer release had, and that were moved aside, with O(state=undone).
  returned: success
  type: list
  elements: str
  sample: [agents/main/agent/openclaw-agent.sqlite]
failure:
  description:
    - What was refused or went wrong, for machines; C(msg) says the same to people. With C(upgrade_refused),
      C(obstacles) has C(code), C(path), C(message) and C(next) of each.
    - Codes are C(upgrade_refused) (with C(state_too_new), C(legacy_sessions), C(legacy_credentials) and
      C(config_refused)), C(trial_failed), C(state_unreadable), C(release_not_staged), C(gateway_running),
      C(takeover_failed), C(takeover_busy) (the doctor of a run that was killed is still at work, and did not end
      within five minutes) and C(nothing_to_undo).
  returned: failure
  type: dict
  sample:
    code: upgrade_refused
    message: "OpenClaw 2026.7.1 cannot take over from 2026.9.6. /Users/openclaw/.openclaw/state/openclaw.sqlite: has
      schema 18, and OpenClaw 2026.7.1 reads none newer than 1. Nothing was changed."
    layer: host
    hint: "stay at the present release."
"""

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._host import footprint
from ansible_collections.clawops.openclaw.plugins.module_utils._service import launchd, target
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._upgrade import area, task

ARGUMENTS = dict(
    _module.INSTANCE_SPEC,
    state={"type": "str", "choices": ["begun", "taken_over", "proven", "undone"], "default": "begun"},
    version={"type": "str"},
    legacy={"type": "str", "choices": ["accepted", "refused"], "default": "refused"},
    doctor_timeout={"type": "int", "default": 900},
    snapshot={"type": "str"},
    trial_timeout={"type": "int", "default": 300},
    root={"type": "path", "default": "/opt/openclaw"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
    **_module.LAUNCHD_SPEC,
)


def declared(module):
    options = module.params
    check_numbers(options, [("trial_timeout", 0, 3600), ("doctor_timeout", 1, 86400)])
    account = _module.Account.named(options["user"])
    directories = (
        options["launch_daemons_dir"],
        options["launch_agents_dir"] or target.default_agents_directory(account.home),
    )

    def running():
        launchctl = Launchctl.found(options["launchctl"])
        places = [target.target(scope, options["label"], account, *directories) for scope in target.SCOPES]
        loaded = [launchd.probe(launchctl, place.service)[1] for place in places]
        return any(job is not None and job.pid for job in loaded)

    work = task.Task(
        area.Area(account, account.state_dir(options["state_dir"])),
        options["root"],
        options["version"],
        footprint.own_directory(account.name, options["label"]),
        module.check_mode,
        running,
    )
    return {
        "begun": lambda: task.begin(work, options["snapshot"], options["trial_timeout"], options["legacy"]),
        "taken_over": lambda: task.take_over(work, options["doctor_timeout"]),
        "proven": lambda: task.prove(work),
        "undone": lambda: task.undo(work),
    }[options["state"]]()


def main():
    _module.run(
        declared,
        argument_spec=ARGUMENTS,
        required_if=[("state", "begun", ("version",))],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
