# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the property list belongs to a person: launchd refuses it at the next load.
# Takes: label=ai.openclaw.gateway plist= owner=admin
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
chown "$owner" "$plist"
