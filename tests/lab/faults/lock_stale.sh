# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json.lock of an openclaw command that was killed: its process is gone.
# Takes: user=openclaw pid=4194000
# Uses: files
eval "home=~$user"
printf '{"pid": %s, "createdAt": "2026-11-19T21:10:44.120Z", "starttime": 812}\n' "$pid" | place "$home/.openclaw/openclaw.json.lock" 600
