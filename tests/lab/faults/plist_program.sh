# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the job starts the openclaw of npm -g, not the pinned one.
# Takes: label=ai.openclaw.gateway plist= value=/opt/homebrew/lib/node_modules/openclaw/dist/index.js
# Uses: plist
edit_plist 'd["ProgramArguments"][1] = env["value"]'
