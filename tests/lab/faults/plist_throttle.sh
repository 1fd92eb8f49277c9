# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ThrottleInterval is another one: of OpenClaw's own installer, or of a person in a hurry.
# Takes: label=ai.openclaw.gateway plist= value=1
# Uses: plist
edit_plist 'd["ThrottleInterval"] = int(env["value"])'
