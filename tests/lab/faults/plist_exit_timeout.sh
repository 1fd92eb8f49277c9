# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ExitTimeOut is another one: launchd kills a Gateway that is still saving.
# Takes: label=ai.openclaw.gateway plist= value=1
# Uses: plist
edit_plist 'd["ExitTimeOut"] = int(env["value"])'
