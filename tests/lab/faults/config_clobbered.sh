# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json.clobbered.*: OpenClaw threw away what somebody else wrote.
# Takes: user=openclaw
# Uses: files
eval "home=~$user"
echo '{ "gateway": { "mode": "local" } }' | place "$home/.openclaw/openclaw.json.clobbered.2026-11-20T08-14-03-112Z" 600
