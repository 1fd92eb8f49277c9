# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the job was loaded from a copy of its property list that was changed: the file is fine, what runs is not.
# Takes: label=ai.openclaw.gateway plist= key=ThrottleInterval value=60 from=/Users/Shared/gateway-debug.plist
# Uses: plist
# Launchd: load_instead path={from} label={label}
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
install -d /Users/Shared
cp "$plist" "$from"
plist=$from edit_plist 'd[env["key"]] = int(env["value"])'
