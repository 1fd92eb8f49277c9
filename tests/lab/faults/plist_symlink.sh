# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the property list is a symbolic link into somebody's checkout: macOS ignores it at boot.
# Takes: label=ai.openclaw.gateway plist= to=/Users/Shared/gateway.plist
[ -n "$plist" ] || plist=/Library/LaunchDaemons/$label.plist
install -d /Users/Shared
cp -p "$plist" "$to"
ln -sf "$to" "$plist"
