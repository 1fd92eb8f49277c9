# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between macOS releases, as data."""

from . import darwin

_COLUMNS = (
    "macos",                # major release
    "version",              # a plausible full version
    "root_sees_reason",     # root gets the real code (119, 122, 37 ...) instead of the catch-all 5
    "disabled_words",       # (enabled, disabled) as print-disabled writes them
    "bad_request_line",     # 'Bad request.' above the not-found line of print
    "os_log_rate_limit",    # OSLogRateLimit is added to every job's environment
    "bootout_wait",         # bootout knows --wait
    "ignores_symlinks",     # plists that are symbolic links are skipped at boot and login
    "did_you_mean",         # a bare label is answered with a suggestion
    "crashes_always",       # 'successive crashes' is printed even when 0
)

_ROWS = (
    (12, "12.7.6", True, ("false", "true"), False, False, False, False, False, True),
    (13, "13.7.8", True, ("enabled", "disabled"), True, False, False, False, True, False),
    (14, "14.8.3", False, ("enabled", "disabled"), True, True, False, True, True, False),
    (15, "15.7.9", False, ("enabled", "disabled"), True, True, False, True, True, False),
    (26, "26.6", False, ("enabled", "disabled"), True, True, True, True, True, False),
    (27, "27.0", False, ("enabled", "disabled"), True, True, True, True, True, False),
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
