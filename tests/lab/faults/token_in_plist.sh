# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: a stale token in the plist's EnvironmentVariables, where an older install wrote it. Acts at the next load.
# Takes: label=ai.openclaw.gateway plist= value=stale-token-of-an-older-install-0000
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
[ -f "$plist" ] || { echo "no $plist" >&2; exit 1; }
/usr/bin/python3 -IS - "$plist" "$value" <<'PYTHON'
import plistlib, sys
with open(sys.argv[1], "rb") as stream:
    job = plistlib.load(stream)
job.setdefault("EnvironmentVariables", {})["OPENCLAW_GATEWAY_TOKEN"] = sys.argv[2]
with open(sys.argv[1], "wb") as stream:
    plistlib.dump(job, stream)
PYTHON
