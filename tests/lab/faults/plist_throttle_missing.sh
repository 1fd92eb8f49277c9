# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ThrottleInterval is gone: launchd's default of 10 s applies, shorter than a failing start.
# Takes: label=ai.openclaw.gateway plist=
# Uses: plist
edit_plist 'd.pop("ThrottleInterval")'
