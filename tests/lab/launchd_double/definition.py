# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a plist's bytes to a job definition, or to the code launchd refuses it with."""

import os
import plistlib
import stat

from . import darwin

_NUMBER = (int, float)
_LIMITS = ("Core", "CPU", "Data", "FileSize", "MemoryLock", "NumberOfFiles", "NumberOfProcesses",
           "ResidentSetSize", "Stack")
_PROCESS_TYPES = ("Standard", "Background", "Adaptive", "Interactive")

# key -> the types its value may have. bool is no int here. Unknown keys are ignored, as launchd does.
_TYPES = {
    "Program": (str,),
    "ProgramArguments": (list,),
    "UserName": (str,),
    "GroupName": (str,),
    "InitGroups": (bool,),
    "RunAtLoad": (bool,),
    "KeepAlive": (bool, dict),
    "OnDemand": (bool,),
    "LaunchOnlyOnce": (bool,),
    "Disabled": (bool,),
    "StartInterval": (int,),
    "ThrottleInterval": (int,),
    "ExitTimeOut": (int,),
    "TimeOut": (int,),
    "Nice": (int,),
    "Umask": (int, str),
    "WorkingDirectory": (str,),
    "RootDirectory": (str,),
    "StandardInPath": (str,),
    "StandardOutPath": (str,),
    "StandardErrorPath": (str,),
    "EnvironmentVariables": (dict,),
    "SoftResourceLimits": (dict,),
    "HardResourceLimits": (dict,),
    "AbandonProcessGroup": (bool,),
    "ProcessType": (str,),
    "LowPriorityIO": (bool,),
    "LowPriorityBackgroundIO": (bool,),
    "SessionCreate": (bool,),
    "LimitLoadToSessionType": (str, list),
    "AssociatedBundleIdentifiers": (str, list),
    "WatchPaths": (list,),
    "QueueDirectories": (list,),
    "StartCalendarInterval": (dict, list),
    "StartOnMount": (bool,),
    "EnableTransactions": (bool,),
    "EnablePressuredExit": (bool,),
    "Debug": (bool,),
    "WaitForDebugger": (bool,),
    "LegacyTimers": (bool,),
    "MachServices": (dict,),
    "Sockets": (dict,),
}


class Refused(Exception):
    """launchd will not take this job; *code* is the true reason, *why* goes to the unified log."""

    def __init__(self, code, why=""):
        super().__init__(why or darwin.strerror(code))
        self.code = code
        self.why = why or darwin.strerror(code)


def _is(value, types):
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types)


def _check_types(data):
    for key, value in data.items():
        if key in _TYPES and not _is(value, _TYPES[key]):
            raise Refused(darwin.BAD_PLIST, "key %s has the wrong type %s" % (key, type(value).__name__))
    for key, value in data.get("EnvironmentVariables", {}).items():
        if not isinstance(value, str):
            raise Refused(darwin.BAD_PLIST, "EnvironmentVariables.%s is not a string" % key)
    for key in ("SoftResourceLimits", "HardResourceLimits"):
        for name, value in data.get(key, {}).items():
            if name in _LIMITS and not _is(value, _NUMBER):
                raise Refused(darwin.BAD_PLIST, "%s.%s is not a number" % (key, name))
    for key in ("LimitLoadToSessionType", "AssociatedBundleIdentifiers", "WatchPaths", "QueueDirectories"):
        value = data.get(key)
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise Refused(darwin.BAD_PLIST, "%s holds something that is not a string" % key)
    if data.get("ProcessType", "Standard") not in _PROCESS_TYPES:
        raise Refused(darwin.BAD_PLIST, "ProcessType %r is unknown" % data["ProcessType"])
    keep = data.get("KeepAlive")
    for key, value in (keep.items() if isinstance(keep, dict) else ()):
        wanted = dict if key in ("PathState", "OtherJobEnabled") else bool
        if not isinstance(value, wanted):
            raise Refused(darwin.BAD_PLIST, "KeepAlive.%s has the wrong type" % key)


def parse_umask(value):
    """An integer is taken as it is, a string as octal. Raises Refused(109)."""
    if value is None:
        return None
    try:
        number = int(value, 8) if isinstance(value, str) else value
    except ValueError:
        number = -1
    if not 0 <= number <= 0o777:
        raise Refused(darwin.BAD_PLIST, "Umask %r is no file mode" % (value,))
    return number


class Definition:
    """A job as its plist described it when it was loaded; later edits of the file change nothing."""

    def __init__(self, data, path):
        """Raises Refused 109, 110 or 111."""
        if not isinstance(data, dict):
            raise Refused(darwin.BAD_PLIST, "the top level is not a dictionary")
        label = data.get("Label")
        if not isinstance(label, str) or not label or "\n" in label:
            raise Refused(darwin.BAD_LABEL)
        arguments = data.get("ProgramArguments")
        if arguments is not None and not (
            isinstance(arguments, list) and arguments and all(isinstance(item, str) for item in arguments)
        ):
            raise Refused(darwin.BAD_PROGRAM)
        program = data.get("Program")
        if program is not None and not (isinstance(program, str) and program):
            raise Refused(darwin.BAD_PROGRAM)
        if program is None and arguments is None:
            raise Refused(darwin.BAD_PROGRAM)
        _check_types(data)
        self.data = data
        self.path = path
        self.label = label
        self.program = program if program is not None else arguments[0]
        self.arguments = list(arguments) if arguments is not None else [program]
        self.inferred_program = program is None
        self.umask = parse_umask(data.get("Umask"))
        self.environment = dict(data.get("EnvironmentVariables", {}))
        self.user = data.get("UserName")
        self.group = data.get("GroupName")
        self.keep_alive = data.get("KeepAlive", not data["OnDemand"] if "OnDemand" in data else False)
        self.process_type = data.get("ProcessType", "Standard")
        sessions = data.get("LimitLoadToSessionType", "Aqua")
        self.sessions = [sessions] if isinstance(sessions, str) else list(sessions)

    def get(self, key, default=None):
        return self.data.get(key, default)

    def throttle(self, default):
        """Seconds between spawns; launchd ignores 0 and negative values."""
        value = self.data.get("ThrottleInterval", default)
        return value if value > 0 else default

    def exit_timeout(self, default):
        """Seconds from SIGTERM to SIGKILL; 0 means never."""
        return max(0, self.data.get("ExitTimeOut", default))

    def runs_at_load(self):
        """RunAtLoad, or a KeepAlive that implies it."""
        if self.data.get("RunAtLoad"):
            return True
        if isinstance(self.keep_alive, dict):
            return "SuccessfulExit" in self.keep_alive
        return bool(self.keep_alive)


def check_file(path, owners):
    """Existence, owner and mode of a plist. *owners*: uids that may own it. Raises Refused 2 or 122."""
    try:
        info = os.stat(path)
    except OSError:
        raise Refused(darwin.ENOENT, "%s cannot be read" % path) from None
    if not stat.S_ISREG(info.st_mode):
        raise Refused(darwin.BAD_OWNERSHIP, "%s is not a file" % path)
    if info.st_uid not in owners:
        raise Refused(darwin.BAD_OWNERSHIP, "%s is owned by uid %d" % (path, info.st_uid))
    if info.st_mode & 0o022:
        raise Refused(darwin.BAD_OWNERSHIP, "%s is writable by group or others" % path)


def read(path):
    """The Definition in a plist file. Raises Refused 2, 109, 110 or 111."""
    try:
        with open(path, "rb") as stream:
            raw = stream.read()
    except OSError:
        raise Refused(darwin.ENOENT, "%s cannot be read" % path) from None
    try:
        data = plistlib.loads(raw)
    except Exception as error:  # plistlib lets expat's, struct's and its own errors through
        raise Refused(darwin.BAD_PLIST, "%s: %s" % (path, error)) from None
    return Definition(data, path)


def check_session(definition, kind):
    """Raises Refused(134) when an agent is not meant for this kind of domain."""
    wanted = {"gui": "Aqua", "user": "Background"}.get(kind)
    if wanted is not None and wanted not in definition.sessions:
        raise Refused(darwin.WRONG_SESSION, "LimitLoadToSessionType is %s" % ", ".join(definition.sessions))
