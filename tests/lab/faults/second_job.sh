# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a LaunchAgent of another gateway is left from an install under an old name.
# Takes: user=openclaw label=com.clawdbot.gateway
# Uses: plist
eval "home=~$user"
install -d -m 755 -o "$user" -g "$(id -g "$user")" "$home/Library/LaunchAgents"
new_plist "$home/Library/LaunchAgents/$label.plist" 'd.update(Label=env["label"], RunAtLoad=True, KeepAlive=True,
    ProgramArguments=["/opt/homebrew/bin/node", "/opt/homebrew/lib/node_modules/clawdbot/dist/entry.js", "gateway"])'
chown "$user:$(id -g "$user")" "$home/Library/LaunchAgents/$label.plist"
