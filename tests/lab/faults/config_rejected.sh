# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json.rejected.*: OpenClaw refused a write of its own and kept what it refused.
# Takes: user=openclaw
# Uses: files
eval "home=~$user"
echo '{ "gateway": { "bind": "loopback" } }' | place "$home/.openclaw/openclaw.json.rejected.2026-11-20T08-14-03-112Z" 600
