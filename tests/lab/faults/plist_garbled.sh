# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the property list is no XML any more, as after an edit with the wrong editor.
# Takes: label=ai.openclaw.gateway plist=
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
sed -i 's|</dict>|</dict|' "$plist"
