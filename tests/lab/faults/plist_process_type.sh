# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ProcessType is Background: macOS throttles the Gateway.
# Takes: label=ai.openclaw.gateway plist= value=Background
# Uses: plist
edit_plist 'd["ProcessType"] = env["value"]'
