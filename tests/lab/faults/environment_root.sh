# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: OPENCLAW_STATE_DIR in the account's .zshrc: its shells use another root than the service.
# Takes: user=openclaw root=/Users/openclaw/gateway-state
# Uses: files
eval "home=~$user"
echo '{ "gateway": { "mode": "local", "bind": "loopback" } }' | place "$root/openclaw.json" 600
{ cat "$home/.zshrc" 2>/dev/null || :; echo "export OPENCLAW_STATE_DIR=$root"; } > "$home/.zshrc.new"
place "$home/.zshrc" 644 < "$home/.zshrc.new"
rm "$home/.zshrc.new"
