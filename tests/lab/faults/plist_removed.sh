# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the property list of the loaded job is gone: the Gateway runs until the next boot.
# Takes: label=ai.openclaw.gateway plist=
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
rm "$plist"
