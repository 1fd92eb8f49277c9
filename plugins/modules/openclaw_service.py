#!/usr/bin/python
# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openclaw_service
short_description: Define the job of an OpenClaw Gateway, and bring it to a state
version_added: 0.1.0
description:
  - Installs the property list of a Gateway, as a LaunchDaemon that needs no login or as a LaunchAgent of its account,
    and makes launchd hold exactly that definition.
  - Compares by meaning what is declared, what lies on disk, what launchd has loaded and what runs, and does only what
    is missing.
  - Trusts no exit code of C(launchctl). It asks with C(launchctl print), waits until a job that was told to go is gone
    before it loads it again, lifts a disabled override, and starts a job that launchd has loaded but not spawned.
  - When launchd refuses a new definition, loads the previous one again, and fails.
  - Refuses to run beside another job that runs the same Gateway, be it the same label in the other scope, one that
    OpenClaw, Homebrew or a person installed under another name. With O(others) it takes the place of such a job
    instead. Everything that can be refused is refused first. What the other job was is written down, its label is
    disabled, it is told to go and waited for, its property list is put aside, and only then the declared job is loaded.
    When that fails, the other job is put back as it was. A run that is cut off in between is finished by the next one.
  - A job that ends and is started over and over is taken out of that loop before it is mended.
  - Restarts the job at most once in a run, and not at all when nothing needs it. Whether the Gateway is ready is not
    its business; see M(clawops.openclaw.openclaw_probe).
  - On a Linux host does the same with a systemd unit of the account; what the options mean there, and what differs, is
    in C(docs/linux.md) of the collection.
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
      - Programs and directories that an earlier task of the play would have installed need not exist yet.
  diff_mode:
    support: full
    details:
      - The property list is shown by meaning, with every secret found in an old one replaced by its fingerprint.
  idempotent:
    support: partial
    details:
      - Except with O(state=restarted), which restarts the job each time.
  platform:
    support: full
    platforms: macOS, and Linux with systemd 240 or newer
options:
  manager:
    description:
      - Who runs the job. V(auto) is systemd where systemd runs the host and O(launchctl) is not there, else launchd.
    type: str
    choices: [auto, launchd, systemd]
    default: auto
  systemctl:
    description:
      - Absolute path of systemctl; C(loginctl) lies beside it. Without meaning for launchd.
    type: path
    default: /usr/bin/systemctl
  state:
    description:
      - V(present), the definition is installed and loaded. launchd starts the job when it loads it; whether it runs is
        not looked at.
      - V(started), the same, and there is a process that stays up for O(settle) seconds. One that is there already is
        looked at for O(sample) seconds when it is young and the job was started five times or more.
      - V(restarted), the same, and the process is a new one. A job that had to be loaded anew for another reason is
        not restarted again.
      - V(stopped), launchd does not have the job, and its label is disabled, so that it stays stopped through a reboot
        or a login. The property list stays. launchd respawns whatever it has loaded, so there is no other way to stop
        a Gateway. V(started) enables the label again.
      - V(absent), launchd does not have the job, its property list is gone, and the label is not left disabled. The
        log stays.
    type: str
    choices: [present, started, restarted, stopped, absent]
    default: started
  scope:
    description:
      - V(daemon), a LaunchDaemon in the system domain that runs as O(user). It starts at boot with nobody logged in.
      - V(agent), a LaunchAgent of O(user). It exists only while that account is logged in at the screen.
      - A label that exists in the other scope as well is refused, because launchd would run two Gateways, unless
        O(others) says that it is to make room. That is how a Gateway is moved from one scope to the other.
      - Under systemd both are a unit of the account; with V(daemon) the account is made to linger, so that its units
        start at boot.
    type: str
    choices: [daemon, agent]
    default: daemon
  program_arguments:
    description:
      - Command of the Gateway, the absolute path of the program first.
      - When it is not set, the installed definition is used as it is, and no other option of the definition has any
        effect.
      - Required with O(state=present).
    type: list
    elements: str
  working_directory:
    description:
      - Directory the Gateway starts in. It is not created.
      - Defaults to the state directory.
    type: path
  environment:
    description:
      - Environment variables of the Gateway, on top of C(HOME), C(USER), C(LOGNAME), a C(PATH) that begins with the
        directory of the program, the two variables that keep the service management of OpenClaw away from the job
        (C(OPENCLAW_SUPERVISOR_MODE=external) and C(OPENCLAW_SERVICE_REPAIR_POLICY=external)), the one that makes it
        restart inside its process when a changed setting needs that (C(OPENCLAW_NO_RESPAWN=1)), and
        C(OPENCLAW_STATE_DIR) when O(state_dir) is not the default.
      - A variable that carries a secret is refused, because every account of the host can read the property list.
    type: dict
    default: {}
  throttle_interval:
    description:
      - Least number of seconds between two spawns of the job, V(5) to V(3600).
      - V(60) and V(1) are refused, because OpenClaw takes them for a stale installation of its own, and V(0) because
        launchd ignores it.
      - launchd puts off a spawn only when the process lived shorter than this, and a Gateway that cannot start takes
        about 15 seconds to give up.
      - systemd grants ten starts in ten times this, and then gives up until the next V(started) or V(restarted).
    type: raw
    default: 30
  exit_timeout:
    description:
      - Seconds between the request to end and the kill, V(1) to V(600).
    type: int
    default: 30
  log_path:
    description:
      - File for standard output and standard error. It and the directories above it are created where they are
        missing, private to O(user), because launchd opens it with the rights of that account.
      - Defaults to C(Library/Logs/openclaw/gateway.log) in the home directory of O(user), under systemd to
        C(.local/state/openclaw/gateway.log).
    type: path
  soft_file_limit:
    description:
      - Number of files that the Gateway may have open. launchd's own default is 256.
    type: int
    default: 10240
  hard_file_limit:
    description:
      - Number up to which the Gateway may raise O(soft_file_limit).
    type: int
    default: 10240
  umask:
    description:
      - File mode creation mask of the Gateway, as quoted octal digits.
    type: raw
    default: "077"
  process_type:
    description:
      - How launchd treats the job. Everything but V(Interactive) and V(Adaptive) has its CPU and disk use throttled.
      - systemd has nothing like it. There everything but V(Interactive) is refused, and so are O(launch_daemons_dir)
        and O(launch_agents_dir).
    type: str
    choices: [Interactive, Standard, Adaptive, Background]
    default: Interactive
  others:
    description:
      - What to do about other jobs that run this Gateway.
      - V(refuse), fail, naming the place. The same label is refused wherever else it is defined or loaded. A job of
        another label is refused while launchd has it and it runs a Gateway with the same state directory or on the
        same port, whoever it belongs to.
      - V(replace_label), the same label makes room, in the other scope or defined twice. Other labels are refused.
      - V(replace), other labels that run this Gateway make room as well, loaded or not. So do jobs of O(user) under
        names that OpenClaw had earlier (C(com.clawdbot.*), C(bot.molt.*)), and what its updaters left behind
        (C(ai.openclaw.update.*), C(ai.openclaw.manual-update.*)); an updater that is at work is refused.
      - A Gateway with another state directory and another port is none of these.
    type: str
    choices: [refuse, replace_label, replace]
    default: refuse
  cooldown:
    description:
      - Least seconds between two restarts of the job by this module. What is left of them is waited out when it is no
        more than a minute, else the restart is refused. V(0) for none.
      - Counted in time since the host was booted, so a wrong or changed time of day does not matter. A boot ends it.
    type: int
    default: 10
  jitter:
    description:
      - Seconds over which the restarts of many hosts are spread. Each host waits its share before a restart, which
        follows from its host name and O(label), and is the same each time. Nothing is waited in check mode.
    type: int
    default: 0
  sample:
    description:
      - Seconds for which a job that may be in a loop is looked at before it is restarted or said to run, to see its
        number of starts grow and its processes change. Only a job that launchd holds back, or has started five times or
        more since it was loaded, is looked at.
    type: float
    default: 2
  records_dir:
    description:
      - Directory, private to root, in which the restarts of the job are noted, and where the definitions of jobs are
        kept that made room for it.
      - Defaults to C(/Library/Application Support/clawops.openclaw/LABEL.service), and for an account that minds its
        own job without root to the same path below its home directory.
    type: path
  start_timeout:
    description:
      - Seconds to wait for a process, besides the throttle interval when launchd is holding the job back.
    type: int
    default: 20
  settle:
    description:
      - Seconds that the process has to stay the same one after the job was started or restarted.
    type: float
    default: 1.5
seealso:
  - module: clawops.openclaw.openclaw_probe
  - module: clawops.openclaw.openclaw_token
author:
  - clawops.openclaw maintainers (@clawops)
"""

EXAMPLES = r"""
- name: Run the Gateway as a LaunchDaemon
  clawops.openclaw.openclaw_service:
    user: openclaw
    program_arguments:
      - /opt/openclaw/current/node/bin/node
      - /opt/openclaw/current/lib/node_modules/openclaw/dist/index.js
      - gateway
      - --port
      - "18789"
    state: started
  become: true

- name: Restart the installed Gateway
  clawops.openclaw.openclaw_service:
    user: openclaw
    state: restarted
  become: true

- name: Stop the Gateway for good, but keep its definition
  clawops.openclaw.openclaw_service:
    user: openclaw
    state: stopped
  become: true

- name: Take over what openclaw gateway install, brew services or an earlier name of OpenClaw left running
  clawops.openclaw.openclaw_service:
    user: openclaw
    program_arguments:
      - /opt/openclaw/current/node/bin/node
      - /opt/openclaw/current/lib/node_modules/openclaw/dist/index.js
      - gateway
      - --port
      - "18789"
    others: replace
  become: true

- name: Remove the job of an account that runs its Gateway as a LaunchAgent
  clawops.openclaw.openclaw_service:
    user: openclaw
    scope: agent
    state: absent
  become: true
"""

RETURN = r"""
actions:
  description:
    - Every launchctl call that was meant to change something, in order, without the word launchctl. In check mode,
      those that would be made.
    - Under systemd, the calls of systemctl and loginctl, as typed.
    - A call that had to be repeated is listed each time.
  returned: success
  type: list
  elements: str
  sample:
    - enable system/ai.openclaw.gateway
    - bootstrap system /Library/LaunchDaemons/ai.openclaw.gateway.plist
restarted:
  description: Whether a job that launchd had loaded was restarted or loaded anew.
  returned: success
  type: bool
  sample: false
reload_reasons:
  description:
    - Keys of the definition, and C(path), in which the loaded job was not as declared.
    - Under systemd, keys of the unit; C(DropInPaths) for drop-ins of the account, C(NeedDaemonReload) for files that
      have changed since systemd read them, C(process) for a process that was started with another definition.
  returned: success
  type: list
  elements: str
  sample: [ThrottleInterval]
plist:
  description: Path of the property list, or of the unit.
  returned: success
  type: str
  sample: /Library/LaunchDaemons/ai.openclaw.gateway.plist
job:
  description: The job as launchd, or systemd, holds it after the run. In check mode, before it.
  returned: success
  type: dict
  contains:
    loaded:
      description: Whether launchd has the job.
      type: bool
      sample: true
    disabled:
      description: Whether an override disables the label; under systemd, whether nothing starts the unit by itself.
      type: bool
      sample: false
    domain:
      description: Domain of the job; under systemd, the unit of the account's manager.
      type: str
      sample: system
    state:
      description:
        - State in the words of launchd, V(spawn scheduled) being the throttle window of a job that died early; or in
          those of systemd, V(auto-restart) being that.
      type: str
      sample: running
    pid:
      description: Process, or null for none.
      type: int
      sample: 2417
    runs:
      description: How many times launchd has spawned the job since it was loaded.
      type: int
      sample: 1
    last_exit:
      description: How the previous process ended, in the words of launchd; null when none has.
      type: str
      sample: "78: EX_CONFIG"
    throttle_interval:
      description: Least number of seconds between two spawns.
      type: int
      sample: 30
    exit_timeout:
      description: Seconds between the request to end and the kill.
      type: int
      sample: 30
    path:
      description: Property list the job was loaded from.
      type: str
      sample: /Library/LaunchDaemons/ai.openclaw.gateway.plist
    program:
      description: Program of the job.
      type: str
      sample: /opt/openclaw/current/node/bin/node
    pended:
      description: Why launchd is putting off a spawn, or V(start-limit-hit) when systemd has given up, or null.
      type: str
      sample: speculative
comparison:
  description:
    - The four sides of the job as found, each compared with the next. Each is a list of keys that differ, empty when
      none does, and null when one of the two is not there or cannot be seen.
  returned: success, under launchd
  type: dict
  contains:
    declared_disk:
      description: Keys in which the property list is not as declared.
      type: list
      elements: str
      sample: [ThrottleInterval]
    disk_loaded:
      description: Keys, and C(path), in which launchd holds something else than the property list.
      type: list
      elements: str
      sample: []
    loaded_process:
      description:
        - Keys in which the process is otherwise than what launchd holds, C(ProgramArguments), C(UserName),
          C(WorkingDirectory) and C(EnvironmentVariables).
        - Told, and nothing is done about it, as a process may change all of these itself. Arguments that the process
          has overwritten with a title tell nothing.
      type: list
      elements: str
      sample: []
replaced:
  description: Jobs that made room. In check mode, those that would.
  returned: success, under launchd
  type: list
  elements: dict
  contains:
    label:
      description: Label of the job.
      type: str
      sample: homebrew.mxcl.openclaw
    domain:
      description: Domain in which launchd had it, or would have had it.
      type: str
      sample: gui/501
    kind:
      description:
        - What it had in common with the declared job, V(label), V(state directory) or V(port), or V(older name),
          or V(updater).
      type: str
      sample: port
    path:
      description: Property list from which launchd would have loaded it again, or null.
      type: str
      sample: /Users/admin/Library/LaunchAgents/homebrew.mxcl.openclaw.plist
    loaded:
      description: Whether launchd had it.
      type: bool
      sample: true
    kept:
      description: Where its property list is kept, or null.
      type: str
      sample: /Library/Application Support/clawops.openclaw/x.service/replaced-20261123T004500Z/1-homebrew.mxcl.x.plist
    restore:
      description: The commands that bring it back, once the declared job is gone.
      type: list
      elements: str
      sample: [sudo launchctl enable user/501/homebrew.mxcl.openclaw]
others:
  description: Jobs like those in RV(replaced) that were left alone, in the same form.
  returned: success, under launchd
  type: list
  elements: dict
  sample: []
storm:
  description:
    - What was seen of a job that may be in a loop, before it was restarted or said to run, or null when nothing called
      for a look.
  returned: success, under launchd
  type: dict
  contains:
    looping:
      description: Whether it ended and was started over and over.
      type: bool
      sample: true
    seconds:
      description: How long it was looked at.
      type: float
      sample: 0.0
    starts:
      description: By how many its number of starts grew.
      type: int
      sample: 0
    pids:
      description: How many processes it had.
      type: int
      sample: 0
    held_back:
      description: Whether launchd held its next start back.
      type: bool
      sample: true
waited:
  description: Seconds that a restart was put off.
  returned: success, under launchd
  type: dict
  contains:
    cooldown:
      description: For what was left of O(cooldown).
      type: float
      sample: 0.0
    jitter:
      description: For its share of O(jitter).
      type: float
      sample: 0.0
diff:
  description:
    - The definition, the job and the files around it, before and after, where they differ.
    - The same in check mode as in a run.
  returned: success
  type: list
  elements: dict
  sample:
    - before_header: system/ai.openclaw.gateway
      after_header: system/ai.openclaw.gateway
      before: "loaded: no\ndisabled: no\nprocess: none\n"
      after: "loaded: yes\ndisabled: no\nprocess: started\n"
failure:
  description: Why the module refused or failed, for machines.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Stable identifier, one of C(not_macos), C(user_missing), C(value_refused), C(option_invalid),
          C(throttle_interval_refused),
          C(secret_in_environment), C(secret_in_arguments), C(label_in_other_scope), C(label_defined_twice),
          C(other_gateway), C(updater_running), C(cooling_down), C(gui_domain_absent), C(denied),
          C(definition_missing), C(plist_unreadable), C(program_missing), C(working_directory_missing), C(log_refused),
          C(write_failed), C(plist_refused), C(session_refused), C(label_disabled), C(label_taken),
          C(bootstrap_failed), C(job_not_loaded), C(loaded_definition_differs), C(job_will_not_end),
          C(job_not_running), C(job_throttled), C(spawn_pended), C(spawn_refused), C(job_parked), C(job_dies),
          C(launchd_unclear), C(launchctl_misused); under systemd also C(not_systemd), C(user_manager_absent),
          C(unit_masked), C(systemd_unclear).
      type: str
      sample: throttle_interval_refused
    message:
      description: What is wrong.
      type: str
      sample: "throttle_interval 60 is refused: OpenClaw once installed 60 itself and takes it for a stale one."
    layer:
      description: Where the fault lies.
      type: str
      sample: input
    put_back:
      description:
        - Whether what was there before was loaded again, after the new definition or the taking over had failed, or
          runs again after the new one did not stay up under systemd.
      returned: when it was tried
      type: bool
      sample: true
    hint:
      description: What to do next.
      type: str
      sample: "set throttle_interval to a number of seconds from 5 to 3600 other than 60; 30 suits a Gateway."
"""

import os
import platform

from ansible_collections.clawops.openclaw.plugins.module_utils import _module
from ansible_collections.clawops.openclaw.plugins.module_utils._failure import Failure, check_numbers
from ansible_collections.clawops.openclaw.plugins.module_utils._service import (
    act,
    pace,
    plist,
    records,
    rivals,
    secretive,
    service,
    target,
)
from ansible_collections.clawops.openclaw.plugins.module_utils._service.launchctl import Launchctl
from ansible_collections.clawops.openclaw.plugins.module_utils._units import manager

ARGUMENT_SPEC = dict(
    _module.INSTANCE_SPEC,
    state={"type": "str", "choices": ["present", "started", "restarted", "stopped", "absent"], "default": "started"},
    label={"type": "str", "default": "ai.openclaw.gateway"},
    scope={"type": "str", "choices": ["daemon", "agent"], "default": "daemon"},
    program_arguments={"type": "list", "elements": "str"},
    working_directory={"type": "path"},
    environment={"type": "dict", "default": {}},
    throttle_interval={"type": "raw", "default": 30},
    exit_timeout={"type": "int", "default": 30},
    log_path={"type": "path"},
    soft_file_limit={"type": "int", "default": 10240},
    hard_file_limit={"type": "int", "default": 10240},
    umask={"type": "raw", "default": "077"},
    process_type={
        "type": "str",
        "choices": ["Interactive", "Standard", "Adaptive", "Background"],
        "default": "Interactive",
    },
    others={"type": "str", "choices": ["refuse", "replace_label", "replace"], "default": "refuse"},
    cooldown={"type": "int", "default": 10},
    jitter={"type": "int", "default": 0},
    sample={"type": "float", "default": 2},
    records_dir={"type": "path"},
    start_timeout={"type": "int", "default": 20},
    settle={"type": "float", "default": 1.5},
    manager={"type": "str", "choices": ["auto", "launchd", "systemd"], "default": "auto"},
    systemctl={"type": "path", "default": "/usr/bin/systemctl"},
    launchctl={"type": "path", "default": "/bin/launchctl"},
    launch_daemons_dir={"type": "path", "default": "/Library/LaunchDaemons"},
    launch_agents_dir={"type": "path"},
)


def hide_secrets(module):
    """Keep secrets that are about to be refused out of everything Ansible prints about this call."""
    for name, value in module.params["environment"].items():
        if secretive.is_secret_name(str(name)) or secretive.is_secret_value(str(value)):
            module.no_log_values.add(str(value))
    module.no_log_values.update(plist.secrets_in_arguments(module.params["program_arguments"] or []))


def declaration(params, account, place):
    """Return the declared definition, or C(None) to use the installed one. Refuses bad values in either case."""
    state_dir = account.state_dir(params["state_dir"])
    declared = completed(params, state_dir, os.path.join(account.home, "Library", "Logs", "openclaw", "gateway.log"))
    definition = plist.definition(declared, account.name, account.home, state_dir, place.username_key)
    return definition if params["program_arguments"] is not None else None


def configured_port(state_dir):
    """Return the port that the openclaw.json of a state directory names, or C(None)."""
    # Only where something that looks like another Gateway does not say its port itself.
    from ansible_collections.clawops.openclaw.plugins.module_utils._host import gateway_config

    try:
        port = gateway_config.describe(os.path.join(state_dir, "openclaw.json"))["port"]
    except OSError:
        return None
    return port if isinstance(port, int) and not isinstance(port, bool) else None


def completed(params, state_dir, log_path):
    """Return the options with a value for each that has no fixed default."""
    return dict(
        params,
        working_directory=params["working_directory"] or state_dir,
        log_path=params["log_path"] or log_path,
        program_arguments=params["program_arguments"] if params["program_arguments"] is not None else ["/unset"],
    )


def of_systemd(module):
    """Do the same under systemd."""
    # Imported here: the Macs, which are nearly all hosts there are, need none of it.
    from ansible_collections.clawops.openclaw.plugins.module_utils._units import definition, place, service, systemctl

    params = module.params
    definition.refuse_options_of_launchd(params)
    account = _module.Account.named(params["user"])
    refuse_impatience(params)
    state_dir = account.state_dir(params["state_dir"])
    declared = definition.definition(
        completed(params, state_dir, definition.default_log(account.home)), account.name, account.home, state_dir
    )
    home = place.place(params["scope"], plist.label(params["label"]), account)
    return service.converge(
        systemctl.Systemd.found(params["systemctl"], home),
        home,
        params["state"],
        declared if params["program_arguments"] is not None else None,
        state_dir,
        act.Patience(params["start_timeout"], params["settle"]),
        module.check_mode,
    )


def refuse_impatience(params):
    if params["start_timeout"] < 1 or params["settle"] < 0:
        raise Failure(
            "value_refused",
            "start_timeout is %d and settle is %g." % (params["start_timeout"], params["settle"]),
            "input",
            "set start_timeout to at least 1 and settle to at least 0.",
        )


def main(module):
    params = module.params
    hide_secrets(module)
    if manager.is_systemd(params["manager"], params["launchctl"]):
        return of_systemd(module)
    launchctl = Launchctl.found(params["launchctl"])
    account = _module.Account.named(params["user"])
    refuse_impatience(params)
    check_numbers(params, (("cooldown", 0, 86400), ("jitter", 0, 3600), ("sample", 0, 60)))
    place = target.target(
        params["scope"],
        plist.label(params["label"]),
        account,
        plist.absolute_path("launch_daemons_dir", params["launch_daemons_dir"]),
        plist.absolute_path(
            "launch_agents_dir", params["launch_agents_dir"] or target.default_agents_directory(account.home)
        ),
    )
    directory = params["records_dir"] or records.directory(place.label, account)
    plist.absolute_path("records_dir", directory)
    host = platform.node()
    return service.converge(
        launchctl,
        place,
        account,
        params["state"],
        declaration(params, account, place),
        act.Patience(params["start_timeout"], params["settle"]),
        module.check_mode,
        others=rivals.Others(params["others"], directory, configured_port),
        restarts=pace.Pace(directory, params["cooldown"], params["jitter"], host, params["sample"]),
    )


if __name__ == "__main__":
    _module.run(
        main,
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ("program_arguments",))],
        supports_check_mode=True,
    )
