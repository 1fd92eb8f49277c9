# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the job's output goes to /dev/null, as somebody's disk was full.
# Takes: label=ai.openclaw.gateway plist= value=/dev/null
# Uses: plist
edit_plist 'd["StandardOutPath"] = d["StandardErrorPath"] = env["value"]'
