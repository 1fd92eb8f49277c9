# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the job starts the Gateway on another port than openclaw.json says.
# Takes: label=ai.openclaw.gateway plist= value=18795
# Uses: plist
edit_plist 'd["ProgramArguments"][-1] = env["value"]'
