# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""A fleet as a table a person can read: one row per host, dead ones too, at most 120 columns."""

from __future__ import annotations

#: Columns of a terminal window that is not maximised.
WIDTH = 120
#: (heading, widest cell). The last column takes what is left.
COLUMNS = (
    ("HOST", 16),
    ("OPENCLAW", 12),
    ("PID", 7),
    ("UPTIME", 7),
    ("THROTTLE", 8),
    ("RUNS", 5),
    ("TOKEN", 21),
    ("EXPOSED", 7),
    ("VERDICTS", WIDTH),
)
#: The order in which a Gateway's health is asked; exposure has a column of its own.
VERDICTS = ("tcp", "live", "ready", "auth", "scope", "rpc", "config_applied")
_NONE = "-"
NO_RESULT = {"problem": "lost on the way, or not its turn yet"}


def fleet_table(rows):
    """Lay the fleet out.

    :param rows: mapping of host name to C({info, probe, problem}), in the order to show: C(info) as returned by
        C(openclaw_info), C(probe) as by C(openclaw_probe), C(problem) a sentence for a host that could not be asked.
        Each
        may be missing; a host with nothing at all was lost on the way, or it is not its turn yet.
    :returns: list of lines, none wider than :data:`WIDTH`.
    """
    table = [[heading for heading, _widest in COLUMNS]] + [_cells(host, row or NO_RESULT) for host, row in rows.items()]
    widths = []
    for index, (_heading, widest) in enumerate(COLUMNS):
        widths.append(min(widest, max(len(cells[index]) for cells in table)))
    lines = []
    for cells in table:
        fitted = [_fit(cell, width).ljust(width) for cell, width in zip(cells, widths)]
        lines.append(_fit("  ".join(fitted).rstrip(), WIDTH))
    return lines


def _cells(host, row):
    info, probe = row.get("info") or {}, row.get("probe") or {}
    verdicts = probe.get("verdicts") or {}
    job = _job(info)
    server = probe.get("server") or {}
    return [
        host,
        _text(server.get("version") or (info.get("release") or {}).get("version")),
        _text(job.get("pid")),
        duration(server.get("uptime_ms")),
        _text(job.get("throttle_interval")),
        _text(job.get("runs")),
        token_cell(info.get("token_sources") or {}),
        exposure_cell(verdicts.get("exposure")),
        " ".join(str(row["problem"]).split()) if row.get("problem") else verdict_cell(verdicts),
    ]


def _job(info):
    """Return the job to show: the running one, else the loaded one, of either scope."""
    scopes = (info.get("service") or {}).get("scopes") or []
    ranked = sorted(scopes, key=lambda place: (not place.get("pid"), not place.get("loaded")))
    return ranked[0] if ranked else {}


def _text(value):
    return _NONE if value is None else str(value)


def _fit(text, width):
    return text if len(text) <= width else text[: width - 1] + "\u2026"


def duration(milliseconds):
    """Return an uptime in the largest two units that matter: C(12s), C(3m05s), C(4h12m), C(9d03h)."""
    if milliseconds is None:
        return _NONE
    seconds = int(milliseconds) // 1000
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return "%dd%02dh" % (days, hours % 24)
    if hours:
        return "%dh%02dm" % (hours, minutes % 60)
    if minutes:
        return "%dm%02ds" % (minutes, seconds % 60)
    return "%ds" % seconds


def token_cell(section):
    """Return how many places supply a token and the fingerprint of the one in force: C(1 sha256:0123456789ab)."""
    count = section.get("count")
    if count is None:
        return "?"
    return ("%s %s" % (count, section.get("fingerprint") or "")).strip()


def exposure_cell(verdict):
    """Return C(no) when nothing but loopback answers, C(YES) when something does, C(?) when nobody could tell."""
    return {"ok": "no", "fail": "YES"}.get((verdict or {}).get("verdict"), "?")


def verdict_cell(verdicts):
    """Return C(all 7 ok), or each verdict that is not ok with its code: C(auth fail AUTH_TOKEN_MISMATCH)."""
    asked = [(name, verdicts[name]) for name in VERDICTS if name in verdicts]
    if not asked:
        return "not asked"
    bad = [(name, item) for name, item in asked if item.get("verdict") != "ok"]
    if not bad:
        return "all %d ok" % len(asked)
    return ", ".join(("%s %s %s" % (name, item.get("verdict"), item.get("code") or "")).strip() for name, item in bad)


def first_problem(results):
    """Return what the first of some task results says that failed or found its host unreachable, or an empty string.

    A failure that its task forgave (C(failed_when: false)) counts; only a failed module has C(msg) then.
    """
    for result in results:
        forgiven = "failed_when_result" in result and "msg" in result
        told = str(result.get("msg") or "failed without a word")
        if result.get("unreachable"):
            # Ansible wraps the one word that matters ("Connection refused") in three sentences.
            return "unreachable: %s" % told.strip().rstrip(".").rpartition(": ")[2]
        if result.get("failed") or forgiven:
            return told
    return ""
