# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: brew services start openclaw: a second supervisor for a second Gateway.
# Takes: user=admin label=homebrew.mxcl.openclaw
# Uses: plist
eval "home=~$user"
install -d -m 755 -o "$user" -g "$(id -g "$user")" "$home/Library/LaunchAgents"
new_plist "$home/Library/LaunchAgents/$label.plist" 'd.update(Label=env["label"], RunAtLoad=True, KeepAlive=True,
    ProgramArguments=["/opt/homebrew/opt/openclaw/bin/openclaw", "gateway", "run"])'
chown "$user:$(id -g "$user")" "$home/Library/LaunchAgents/$label.plist"
