# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of print: one-tab lines, blocks, and the order of fields of current releases. Pure."""

_SPAWN_TYPES = {"Standard": "daemon (3)", "Interactive": "interactive (4)", "Background": "background (5)",
                "Adaptive": "adaptive (6)"}
_LIMIT_NAMES = {"NumberOfFiles": "maxfiles", "NumberOfProcesses": "maxproc", "Core": "core", "CPU": "cpu",
                "Data": "data", "FileSize": "filesize", "MemoryLock": "memlock", "ResidentSetSize": "rss",
                "Stack": "stack"}


def _block(name, lines):
    return ["%s = {" % name] + ["\t" + line for line in lines] + ["}"]


def _pairs(mapping):
    return ["%s => %s" % item for item in mapping.items()]


def _head(job):
    lines = ["active count = %d" % (1 if job.process else 0)]
    if job.definition.path:
        lines.append("path = " + job.definition.path)
    return lines + ["type = " + job.kind, "state = " + job.state()]


def _program(job):
    return ["program = " + job.definition.program] + _block("arguments", job.definition.arguments)


def _directory(job):
    directory = job.definition.get("WorkingDirectory")
    return ["working directory = " + directory] if directory else []


def _paths_and_inherited(job):
    keys = (("stdin path", "StandardInPath"), ("stdout path", "StandardOutPath"), ("stderr path", "StandardErrorPath"))
    lines = ["%s = %s" % (name, job.definition.get(key)) for name, key in keys if job.definition.get(key)]
    inherited = job.domain.inherited()
    return lines + (_block("inherited environment", _pairs(inherited)) if inherited else [])


def _environment(job, view):
    values = {"OSLogRateLimit": "64"} if view.profile.os_log_rate_limit else {}
    values.update(job.definition.environment)
    values["XPC_SERVICE_NAME"] = job.label
    if view.noise:
        values["SUDO_UID"] = "501"
    return _block("environment", _pairs(values))


def _default_environment(_job):
    return _block("default environment", ["PATH => /usr/bin:/bin:/usr/sbin:/sbin"])


def _domain(job):
    domain = job.domain
    if domain.kind == "gui":
        return ["domain = %s [%d]" % (domain.name, domain.asid), "asid = %d" % domain.asid]
    return ["domain = " + domain.name]


def _who(job):
    pairs = (("username", job.definition.user), ("group", job.definition.group))
    return ["%s = %s" % pair for pair in pairs if pair[1] and job.domain.kind == "system"]


def _alive(job):
    if not job.process:
        return []
    return [
        "pid = %d" % job.pid,
        "immediate reason = " + job.reason,
        "forks = 0",
        "execs = 1",
        "initialized = 1",
        "trampolined = 1",
        "started suspended = 0",
        "proxy started suspended = 0",
        "checked allocations = 0 (queried = 1)",
        "checked allocations reason = no host",
        "checked allocations flags = 0x0",
    ]


def _semaphores(job):
    keep = job.definition.keep_alive
    if not isinstance(keep, dict):
        return []
    lines = []
    if "SuccessfulExit" in keep:
        lines.append("successful exit => %d" % keep["SuccessfulExit"])
    if "Crashed" in keep:
        lines.append("after crash => %d" % keep["Crashed"])
    lines += ["%s => path %s" % (int(bool(wanted)), path) for path, wanted in keep.get("PathState", {}).items()]
    lines += ["%s => job %s" % (int(bool(wanted)), name) for name, wanted in keep.get("OtherJobEnabled", {}).items()]
    return _block("semaphores", lines) if lines else []


def _life(job, view):
    definition = job.definition
    lines = []
    if definition.umask is not None:
        lines.append("umask = %o" % definition.umask)
    lines.append("minimum runtime = %d" % definition.throttle(view.default_throttle))
    lines.append("exit timeout = %d" % definition.exit_timeout(view.default_exit_timeout))
    if definition.get("Nice") is not None:
        lines.append("nice = %d" % definition.get("Nice"))
    lines.append("runs = %d" % job.runs)
    if job.successive_crashes or view.profile.crashes_always:
        lines.append("successive crashes = %d" % job.successive_crashes)
    lines += _alive(job)
    if job.pended:
        lines.append("pended nondemand spawn = " + job.pended)
    return lines + [job.exit_line()] + _semaphores(job)


def _coalitions(job):
    groups = []
    for offset, kind in enumerate(("resource", "jetsam")):
        groups.append(_block(kind + " coalition", [
            "ID = %d" % (job.coalition + offset),
            "type = " + kind,
            # Active even while the job is not: what makes an untabbed search for 'state =' wrong.
            "state = active",
            "active count = 1",
            "name = " + job.label,
        ]))
    return groups


def _limits(job):
    lines = []
    for key, name in _LIMIT_NAMES.items():
        for word, source in (("soft", "SoftResourceLimits"), ("hard", "HardResourceLimits")):
            value = job.definition.get(source, {}).get(key)
            if value is not None:
                lines.append("%s (%s) => %d" % (name, word, value))
    return _block("resource limits", lines) if lines else []


def _tail(job):
    lines = [
        "spawn type = " + _SPAWN_TYPES[job.definition.process_type],
        "jetsam priority = 40",
        "jetsam memory limit (active) = (unlimited)",
        "jetsam memory limit (inactive) = (unlimited)",
        "jetsamproperties category = daemon",
        "jetsam thread limit = 32",
        "cpumon = default",
    ] + _limits(job)
    if job.definition.get("StartInterval"):
        lines.append("run interval = %d seconds" % job.definition.get("StartInterval"))
    return lines


def _noise():
    return [
        ["unheard of field = state = pid = 1"],
        _block("unheard of block", ["state = active", "pid = 99999", "properties = keepalive"]
               + _block("deeper", ["last exit code = 9"])),
    ]


class View:
    """What a rendering depends on besides the job."""

    def __init__(self, profile, default_throttle, default_exit_timeout, noise=False, bare_header=False):
        self.profile = profile
        self.default_throttle = default_throttle
        self.default_exit_timeout = default_exit_timeout
        self.noise = noise
        self.bare_header = bare_header


def _join(header, groups):
    parts = ["\n".join("\t" + line for line in group) for group in groups if group]
    return "%s = {\n%s\n}\n" % (header, "\n\n".join(parts))


def service(job, target, view):
    """print of one service."""
    who = _who(job)
    # A blank line follows the account; without one the life of the job continues the same group.
    middle = [_domain(job) + who, _life(job, view)] if who else [_domain(job) + _life(job, view)]
    state = job.job_state()
    groups = [
        _head(job),
        _program(job),
        _directory(job),
        _paths_and_inherited(job),
        _default_environment(job),
        _environment(job, view),
        *middle,
        *_coalitions(job),
        _tail(job),
        *(_noise() if view.noise else []),
        ["job state = " + state] if state else [],
        ["properties = " + " | ".join(job.properties())] if job.properties() else [],
    ]
    return _join(job.label if view.bare_header else target, groups)


def disabled_lines(overrides, profile):
    """The block of print-disabled; *overrides*: label -> disabled."""
    words = profile.disabled_words
    return _block("disabled services", ['"%s" => %s' % (label, words[flag]) for label, flag in overrides.items()])


def _service_line(job):
    pid = job.pid or 0
    status = "-" if job.last_exit is None else str(job.list_status())
    return "%8d %6s \t%s" % (pid, status, job.label)


def domain(domain_, target, overrides, view):
    """print of a whole domain."""
    jobs = list(domain_.jobs.values())
    kinds = {"system": "system", "user": "user", "gui": "login"}
    uid = 0 if domain_.uid is None else domain_.uid
    security = ["uid = %d" % uid] + (["asid = %d" % domain_.asid] if domain_.asid else [])
    environment = domain_.inherited()
    groups = [
        [
            "type = " + kinds[domain_.kind],
            "handle = %d" % (domain_.asid or uid),
            "active count = %d" % (len([job for job in jobs if job.process]) + 1),
            "service count = %d" % len(jobs),
            "active service count = %d" % len([job for job in jobs if job.process]),
            "creator = launchd[1]",
            "creator euid = 0",
            *_block("security context", security),
        ],
        _block("environment", _pairs(environment)) if environment else [],
        _block("services", [_service_line(job) for job in jobs]),
        _block("unmanaged processes", []),
        _block("endpoints", []),
        disabled_lines(overrides, view.profile),
    ]
    return _join(target, groups)
