# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the property list is writable by everybody: launchd refuses it at the next load.
# Takes: label=ai.openclaw.gateway plist= mode=666
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
chmod "$mode" "$plist"
