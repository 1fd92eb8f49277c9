# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: another openclaw gateway runs beside ours, on a port of its own, as after openclaw --dev gateway.
# Takes: user=admin port=19001 node=/opt/homebrew/opt/node@24/bin/node
# Uses: files
eval "home=~$user"
openclaw_in "$home/.npm-global/lib/node_modules" 2026.9.6
cat > "$home/.npm-global/lib/node_modules/openclaw/dist/index.js" <<'SCRIPT'
process.title = "openclaw-gateway";
require("node:http").createServer((_, answer) => answer.end("{}")).listen(Number(process.argv.at(-1)), "127.0.0.1");
SCRIPT
chown -R "$user" "$home/.npm-global"
run_as "$user" "$node" "$home/.npm-global/lib/node_modules/openclaw/dist/index.js" gateway --port "$port"
