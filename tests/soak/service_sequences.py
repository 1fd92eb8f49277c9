# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of what a person and the collection do to one Gateway's job, as plain data.

A sequence is {"profile", "knobs", "scope", "steps"}. A step is ["person", DEED] or ["ours", {...}]; a DEED is a name of
a method of somebody.Person and its words. So one that breaks a promise can be printed, cut and replayed as it stands.
"""

PROFILES = (11, 12, 13, 14, 15, 26, 27)
LABEL = "ai.openclaw.gateway"
DOMAINS = {"daemon": "system", "agent": "gui/502"}

#: What is not known of real Macs: each sequence lives on one that does it this way or that.
KNOBS = {
    "bootout_missing_rc": (3, 113),
    "already_rc": (37, 17, 133),
    "missing_plist_rc": (2, 5),
    "kickstart_k_signal": ("TERM", "KILL"),
    "kickstart_k_waits": ("true", "false"),
    "kickstart_blocks_when_throttled": ("false", "true"),
    "enable_without_gui_rc": (125, 0),
    "collapse": ("profile", "profile", "always", "never"),
    "default_exit_timeout": (5, 20),
}

#: Faults of launchd that strike while the collection works: words, and the codes with which it may then give up.
#: An empty set: it has to get through.
ASK = {"launchd_unclear"}
BOOTSTRAP = {"bootstrap_failed"}
FAULTS = (
    (["bootstrap_rc", "rc=5", "times=2"], set()),
    (["bootstrap_rc", "rc=37", "times=2"], set()),
    (["bootstrap_rc", "rc=5", "times=0"], BOOTSTRAP),
    (["bootstrap_rc", "rc=125"], {"plist_refused", "gui_domain_absent"}),
    (["bootstrap_rc", "rc=122"], {"plist_refused"}),
    (["bootstrap_rc", "rc=109"], {"plist_refused"}),
    (["bootstrap_rc", "rc=2"], {"plist_refused"}),
    (["bootstrap_rc", "rc=134"], {"session_refused"}),
    (["bootstrap_rc", "rc=155"], BOOTSTRAP),
    (["bootstrap_rc", "rc=119"], set()),
    (["bootstrap_false_negative", "rc=5"], set()),
    (["bootstrap_false_negative", "rc=37"], set()),
    (["bootout_rc", "rc=36"], set()),
    (["bootout_rc", "rc=5"], ASK),
    (["bootout_hang_until_kill"], set()),
    (["teardown_lag", "seconds=0.2"], set()),
    (["gui_absent", "uid=502"], {"gui_domain_absent"} | ASK),
    (["gui_absent", "uid=502", "times=1"], {"gui_domain_absent"} | ASK),
    (["print_rc", "rc=1"], {"denied"}),
    (["print_rc", "rc=5"], ASK),
    (["print_rc", "rc=125"], {"gui_domain_absent"} | ASK),
    (["print_timeout"], ASK),
    (["kickstart_rc", "rc=37"], set()),
    (["kickstart_rc", "rc=5"], set()),
    (["kickstart_rc", "rc=125"], {"gui_domain_absent"} | ASK),
    (["kickstart_block"], {"job_not_running"}),
    (["pend_spawns"], set()),
    (["btm_block", "label=" + LABEL], {"job_dies", "job_not_running", "spawn_refused"}),
    (["slow_launchctl", "ms=5"], set()),
    (["print_noise"], set()),
)
#: Faults that have launchd deny a login that there is: who believes it says so, and cannot see the job.
DENYING = (["gui_absent", "uid=502"], ["gui_absent", "uid=502", "times=1"], ["print_rc", "rc=125"])
#: Faults that make launchctl wait for ever, and for how long (s) that verb is then waited for.
SILENT = {"print_timeout": {"print": 0.5}, "kickstart_block": {"kickstart": 0.5}}


def some_deed(chance, scope):
    """What a person does: name and words."""
    domain = chance.choice([DOMAINS[scope], DOMAINS[scope], *DOMAINS.values()])
    where = chance.choice([scope, scope, "daemon", "agent"])
    return chance.choice([
        ["launchctl", "bootout", "%s/%s" % (domain, LABEL)],
        ["launchctl", "bootout", "%s/%s" % (domain, LABEL)],
        ["bootstrap", where],
        ["bootstrap", where],
        ["launchctl", "kickstart", "%s/%s" % (domain, LABEL)],
        ["launchctl", "kickstart", "-k", "%s/%s" % (domain, LABEL)],
        ["launchctl", "enable", "%s/%s" % (domain, LABEL)],
        ["launchctl", "disable", "%s/%s" % (domain, LABEL)],
        ["launchctl", "kill", chance.choice(["KILL", "TERM", "SEGV", "HUP"]), "%s/%s" % (domain, LABEL)],
        ["control", "login", "502"],
        ["control", "login", "502"],
        ["control", "logout", "502"],
        ["control", "reboot"],
        ["control", "inject", "jetsam", "label=" + LABEL],
        ["control", "inject", "disable_behind_back", "label=" + LABEL, "domain=" + domain],
        ["control", "inject", "setenv_poison", "key=OPENCLAW_GATEWAY_TOKEN", "value=stale", "domain=" + domain],
        ["control", "inject", "session_drop", "uid=502"],
        ["control", "inject", "clock_jump", "seconds=-7200"],
        ["edit", where],
        ["garble", where],
        ["remove", where],
        ["symlink", where],
        ["chown", where],
        ["chmod", where],
        ["put", where],
        ["elsewhere"],
        ["beside"],
        ["no_log"],
    ])  # fmt: skip


def some_work(chance, scope):
    """What the collection is asked for, and what happens to it meanwhile."""
    work = {
        "state": chance.choice(["started", "started", "started", "present", "restarted", "stopped", "absent"]),
        "scope": scope if chance.random() < 0.9 else chance.choice(list(DOMAINS)),
        "program": chance.choice(["steady"] * 4 + ["stubborn", "polite", "dying", "missing"]),
        "throttle": chance.choice([5, 5, 10]),
        "declared": chance.random() < 0.8,
        "fault": None,
        "race": None,
    }
    trouble = chance.random()
    if trouble < 0.4:
        work["fault"] = chance.randrange(len(FAULTS))
    if 0.32 < trouble < 0.62:
        work["race"] = [chance.randrange(1, 14), some_deed(chance, scope)]
    return work


def some_sequence(chance):
    scope = chance.choice(["daemon", "daemon", "agent"])
    length = chance.randrange(5, 10)
    steps = [["person", ["control", "login", "502"]]] if scope == "agent" or chance.random() < 0.3 else []
    while len(steps) < length:
        person = chance.random() < 0.5
        steps.append(["person", some_deed(chance, scope)] if person else ["ours", some_work(chance, scope)])
    steps.append(["ours", some_work(chance, scope)])
    return {
        "profile": chance.choice(PROFILES),
        "knobs": {name: chance.choice(values) for name, values in KNOBS.items()},
        "scope": scope,
        "steps": steps,
    }
