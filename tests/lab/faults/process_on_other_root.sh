# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: an openclaw of the same account runs with OPENCLAW_STATE_DIR elsewhere.
# Takes: user=openclaw root=/Users/openclaw/gateway-state node=/opt/homebrew/opt/node@24/bin/node
# Uses: files
echo '{ "gateway": { "mode": "local", "bind": "loopback" } }' | place "$root/openclaw.json" 600
openclaw_in "$root/node_modules" 2026.9.6
echo 'setInterval(() => {}, 1e6);' > "$root/node_modules/openclaw/dist/index.js"
run_as "$user" env OPENCLAW_STATE_DIR="$root" "$node" "$root/node_modules/openclaw/dist/index.js" node run
