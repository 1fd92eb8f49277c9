# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and words of Darwin, hard-coded: Linux numbers several of them differently."""

EPERM = 1
ENOENT = 2
ESRCH = 3
EIO = 5
EEXIST = 17
EINPROGRESS = 36
EALREADY = 37
BAD_PLIST = 109
BAD_LABEL = 110
BAD_PROGRAM = 111
NO_DOMAIN = 112
NO_SERVICE = 113
NO_USER = 114
NO_GROUP = 115
DISABLED = 119
BAD_OWNERSHIP = 122
TEARING_DOWN = 124
UNSUPPORTED = 125
MULTIPLE = 133
WRONG_SESSION = 134
SIP = 150
UNEXPECTED = 153
BTM_POLICY = 161
USAGE = 64
EX_CONFIG = 78

ERRORS = {
    0: "No error",
    1: "Operation not permitted",
    2: "No such file or directory",
    3: "No such process",
    4: "Interrupted system call",
    5: "Input/output error",
    7: "Argument list too long",
    8: "Exec format error",
    9: "Bad file descriptor",
    12: "Cannot allocate memory",
    13: "Permission denied",
    16: "Resource busy",
    17: "File exists",
    20: "Not a directory",
    21: "Is a directory",
    22: "Invalid argument",
    23: "Too many open files in system",
    24: "Too many open files",
    28: "No space left on device",
    30: "Read-only file system",
    32: "Broken pipe",
    35: "Resource temporarily unavailable",
    36: "Operation now in progress",
    37: "Operation already in progress",
    45: "Operation not supported",
    60: "Operation timed out",
    78: "Function not implemented",
    108: "Invalid path",
    109: "Invalid property list",
    110: "Invalid or missing service identifier",
    111: "Invalid or missing Program/ProgramArguments",
    112: "Could not find specified domain",
    113: "Could not find specified service",
    114: "The specified username does not exist",
    115: "The specified group does not exist",
    116: "Routine not yet implemented",
    118: "Bad response from server",
    119: "Service is disabled",
    120: "Bad subsystem destination for request",
    121: "Path not searched for services",
    122: "Path had bad ownership/permissions",
    123: "Path is whitelisted for domain",
    124: "Domain is tearing down",
    125: "Domain does not support specified action",
    126: "Request type is no longer supported",
    127: "The specified service did not ship with the operating system",
    128: "The specified path is not a bundle",
    129: "The service was superseded by a later version",
    130: "The system encountered a condition where behavior was undefined",
    131: "Out of order requests",
    132: "Request for stale data",
    133: "Multiple errors were returned; see stderr",
    134: "Service cannot load in requested session",
    135: "Process is not managed",
    136: "Action not allowed on singleton service",
    137: "Service does not support the specified action",
    138: "Service cannot be loaded on this hardware",
    139: "Service cannot presently execute",
    140: "Service name is reserved or invalid",
    141: "Reentrancy avoided",
    142: "Operation only supported on development build",
    144: "Requestor lacks required entitlement",
    145: "Endpoint is hidden",
    146: "Domain is in on-demand-only mode",
    150: "Operation not permitted while System Integrity Protection is engaged",
    152: "Service cannot load in current boot environment",
    153: "Completely unexpected error",
    155: "Cannot execute a quarantined program",
    156: "Domain creation with that UID is not allowed anymore",
    159: "Sandbox restriction",
    161: "Service cannot be launched because of BTM policy",
}

# sysexits(3): launchctl print adds the name to a code in this range.
SYSEXITS = {
    64: "EX_USAGE",
    65: "EX_DATAERR",
    66: "EX_NOINPUT",
    67: "EX_NOUSER",
    68: "EX_NOHOST",
    69: "EX_UNAVAILABLE",
    70: "EX_SOFTWARE",
    71: "EX_OSERR",
    72: "EX_OSFILE",
    73: "EX_CANTCREAT",
    74: "EX_IOERR",
    75: "EX_TEMPFAIL",
    76: "EX_PROTOCOL",
    77: "EX_NOPERM",
    78: "EX_CONFIG",
}

# Darwin number -> (name without SIG, strsignal text)
SIGNALS = {
    1: ("HUP", "Hangup"),
    2: ("INT", "Interrupt"),
    3: ("QUIT", "Quit"),
    4: ("ILL", "Illegal instruction"),
    5: ("TRAP", "Trace/BPT trap"),
    6: ("ABRT", "Abort trap"),
    7: ("EMT", "EMT trap"),
    8: ("FPE", "Floating point exception"),
    9: ("KILL", "Killed"),
    10: ("BUS", "Bus error"),
    11: ("SEGV", "Segmentation fault"),
    12: ("SYS", "Bad system call"),
    13: ("PIPE", "Broken pipe"),
    14: ("ALRM", "Alarm clock"),
    15: ("TERM", "Terminated"),
    16: ("URG", "Urgent I/O condition"),
    17: ("STOP", "Suspended (signal)"),
    18: ("TSTP", "Suspended"),
    19: ("CONT", "Continued"),
    20: ("CHLD", "Child exited"),
    21: ("TTIN", "Stopped (tty input)"),
    22: ("TTOU", "Stopped (tty output)"),
    23: ("IO", "I/O possible"),
    24: ("XCPU", "Cputime limit exceeded"),
    25: ("XFSZ", "Filesize limit exceeded"),
    26: ("VTALRM", "Virtual timer expired"),
    27: ("PROF", "Profiling timer expired"),
    28: ("WINCH", "Window size changes"),
    29: ("INFO", "Information request"),
    30: ("USR1", "User defined signal 1"),
    31: ("USR2", "User defined signal 2"),
}
SIGNAL_NUMBERS = {name: number for number, (name, _text) in SIGNALS.items()}

# Deaths that count as a crash for KeepAlive.Crashed and for 'successive crashes'.
CRASH_SIGNALS = frozenset(("ILL", "TRAP", "ABRT", "EMT", "FPE", "BUS", "SEGV", "SYS"))

DEFAULT_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


def strerror(code):
    """The text launchctl prints for a code; unknown codes get a generic text."""
    return ERRORS.get(code, "Unknown error: %d" % code)


def signal_text(number):
    """'Terminated: 15' for a Darwin signal number."""
    return "%s: %d" % (SIGNALS.get(number, ("", "Unknown signal"))[1], number)


def signal_name(spec):
    """The bare name for 15, TERM, SIGTERM or -TERM; None when there is no such signal on Darwin."""
    word = spec.lstrip("-").upper()
    if word.isdigit():
        return SIGNALS.get(int(word), (None,))[0]
    word = word[3:] if word.startswith("SIG") else word
    return word if word in SIGNAL_NUMBERS else None
