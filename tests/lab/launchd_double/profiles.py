# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between macOS releases, as data.

After 15 came 26. What is told of a release was seen on it or follows from releases before and after it; what nobody has
seen is a knob (see knobs.py), not a column.
"""

from . import darwin

_COLUMNS = (
    "macos",                # major release
    "version",              # a plausible full version
    "build",                # and its build
    "darwin",               # release of its kernel
    "root_sees_reason",     # root gets the real code (119, 122, 37 ...) instead of the catch-all 5
    "disabled_words",       # (enabled, disabled) as print-disabled writes them
    "bad_request_line",     # 'Bad request.' above the not-found line of print
    "os_log_rate_limit",    # OSLogRateLimit is added to every job's environment
    "bootout_wait",         # bootout knows --wait
    "ignores_symlinks",     # plists that are symbolic links are skipped at boot and login
    "did_you_mean",         # a bare label is answered with a suggestion
    "crashes_always",       # 'successive crashes' is printed even when 0
    "bootout_in_progress",  # bootout of a job that has to end first is answered with 36 instead of 0
)

_WORDS, _OLD_WORDS = ("enabled", "disabled"), ("false", "true")
_ROWS = (
    (11, "11.7.10", "20G1427", "20.6.0", True, _OLD_WORDS, False, False, False, False, False, True, True),
    (12, "12.7.6", "21H1320", "21.6.0", True, _OLD_WORDS, False, False, False, False, False, True, False),
    (13, "13.7.8", "22H730", "22.6.0", True, _WORDS, True, False, False, False, True, False, False),
    (14, "14.8.3", "23J220", "23.6.0", False, _WORDS, True, True, False, True, True, False, False),
    (15, "15.7.9", "24G845", "24.6.0", False, _WORDS, True, True, False, True, True, False, False),
    (26, "26.3", "25D125", "25.3.0", False, _WORDS, True, True, True, True, True, False, False),
    (27, "27.0", "26A331", "27.0.0", False, _WORDS, True, True, True, True, True, False, False),
)


class Profile:
    """One macOS release; the attributes are the names in _COLUMNS."""

    def __init__(self, row):
        for name, value in zip(_COLUMNS, row):
            setattr(self, name, value)


PROFILES = {row[0]: Profile(row) for row in _ROWS}

# Bootstrap refusals whose reason is hidden behind a plain 5 from callers who may not see it.
COLLAPSIBLE = frozenset(
    (
        darwin.ENOENT,
        darwin.EEXIST,
        darwin.EALREADY,
        darwin.BAD_PLIST,
        darwin.BAD_LABEL,
        darwin.BAD_PROGRAM,
        darwin.NO_USER,
        darwin.NO_GROUP,
        darwin.DISABLED,
        darwin.BAD_OWNERSHIP,
        darwin.WRONG_SESSION,
    )
)


def shown_code(profile, code, root, policy="profile"):
    """The code a caller sees for the true reason *code*.

    policy: "profile" (what the release does), "always" or "never" collapse to 5.
    """
    if code not in COLLAPSIBLE or policy == "never":
        return code
    if policy == "profile" and root and profile.root_sees_reason:
        return code
    return darwin.EIO
