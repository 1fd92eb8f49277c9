# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the same label lies in the other scope too: a LaunchAgent that openclaw gateway install left behind.
# Takes: label=ai.openclaw.gateway user=openclaw
eval "home=~$user"
gid=$(id -g "$user")
install -d -m 755 -o "$user" -g "$gid" "$home/Library/LaunchAgents"
/usr/bin/python3 -IS - "$home/Library/LaunchAgents/$label.plist" "$label" <<'PYTHON'
import plistlib, sys
job = {"Label": sys.argv[2], "RunAtLoad": True, "KeepAlive": True,
       "ProgramArguments": ["/opt/homebrew/opt/node@24/bin/node",
                            "/opt/homebrew/lib/node_modules/openclaw/dist/index.js", "gateway"]}
with open(sys.argv[1], "wb") as stream:
    plistlib.dump(job, stream)
PYTHON
chown "$user:$gid" "$home/Library/LaunchAgents/$label.plist"
chmod 644 "$home/Library/LaunchAgents/$label.plist"
