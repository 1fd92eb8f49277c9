# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection. It can have breaking changes at any time.

"""What is to be said about the places that hold a token besides the declared one. Pure."""

from __future__ import annotations

#: Kind of source -> (what to say of it, what to do about it). Kinds that are missing are as they should be.
_ADVICE = {
    "config_env": (
        "OpenClaw puts the env block of openclaw.json into its environment, where the Gateway finds it",
        "remove it with openclaw_config (absent).",
    ),
    "config_remote": (
        "gateway.remote.token only configures clients in remote mode",
        "remove it with openclaw_config (absent: gateway.remote.token) unless this host is a client too.",
    ),
    "config_legacy": (
        "gateway.token is a legacy key that keeps the Gateway from starting",
        "remove it with openclaw_config (absent: gateway.token).",
    ),
    "config_copy": (
        "it is a secret on disk, although nothing reads it there",
        "delete that file when it is not needed.",
    ),
    "dotenv": ("the Gateway reads it when openclaw.json has no token", "delete that line."),
    "gateway_env": ("the Gateway reads it after its own .env", "delete that line."),
    "service_env": ("the service hands it to the Gateway's environment", "delete that line and restart the service."),
    "plist_environment": (
        "launchd hands it to the Gateway, and everybody can read the plist",
        "remove OPENCLAW_GATEWAY_TOKEN from EnvironmentVariables (openclaw_service writes none) and restart.",
    ),
    "plist_argument": (
        "--token beats openclaw.json, and everybody can read the plist and the process list",
        "remove --token from ProgramArguments (openclaw_service writes none) and restart.",
    ),
    "plist_setenv": (
        "that job puts the variable into its launchd domain whenever it runs",
        "remove the job; it is a person's, so ask.",
    ),
    "job_environment": (
        "launchd has loaded it with the job, wherever it came from",
        "clean the places it comes from, then have openclaw_service load the job anew.",
    ),
    "job_argument": (
        "launchd has loaded it with the job, wherever it came from",
        "clean the places it comes from, then have openclaw_service load the job anew.",
    ),
    "process_environment": ("the running Gateway was started with it", "restart the service."),
    "process_argument": ("the running Gateway was started with it", "restart the service."),
    "launchctl": (
        "every job of this launchd domain inherits it",
        "run launchctl unsetenv OPENCLAW_GATEWAY_TOKEN in that domain, and find what sets it.",
    ),
    "shell": (
        "clients started from that shell use it, older ones before openclaw.json",
        "delete that line; it is a person's file, so ask.",
    ),
    "shell_launchctl": (
        "it puts the variable into the launchd domain at each login",
        "delete that line; it is a person's file, so ask.",
    ),
    "systemd_environment": ("it is a secret on disk, although a Mac has no systemd", "delete that line."),
    "systemd_argument": ("it is a secret on disk, although a Mac has no systemd", "delete that argument."),
    "other_config": (
        "a client or a second Gateway of the same account may use that configuration",
        "delete that configuration when nobody uses it.",
    ),
    "other_dotenv": (
        "a client or a second Gateway of the same account may use that configuration",
        "delete that line when nobody uses it.",
    ),
}


def findings(sources):
    """Return what is to be said of sources besides C(config): dicts of code, location, line, live, message, hint.

    Of tokens only. What a job or a process has merely received from another source here is not said again.
    """
    said = []
    for source in sources:
        kind = source.kind[: -len("_reference")] if source.kind.endswith("_reference") else source.kind
        if kind not in _ADVICE or source.credential != "token" or _is_received(source, sources):
            continue
        why, hint = _ADVICE[kind]
        place = source.location if source.line is None else "%s line %d" % (source.location, source.line)
        said.append(
            {
                "code": "token_source_" + kind,
                "location": source.location,
                "line": source.line,
                "live": source.live,
                "message": "another Gateway token is in %s: %s." % (place, why),
                "hint": hint,
            }
        )
    return said


def _is_received(source, sources):
    return source.kind.partition("_")[0] in ("job", "process") and any(
        other.fingerprint == source.fingerprint and other.kind.partition("_")[0] not in ("job", "process")
        for other in sources
    )
