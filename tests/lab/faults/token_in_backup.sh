# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: openclaw.json.bak of OpenClaw's own writer holds the token that is in use.
# Takes: user=openclaw name=openclaw.json.bak mode=600
eval "home=~$user"
cp -p "$home/.openclaw/openclaw.json" "$home/.openclaw/$name"
chmod "$mode" "$home/.openclaw/$name"
