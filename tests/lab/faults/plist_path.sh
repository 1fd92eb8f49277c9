# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the job's PATH has a directory more, of a version manager.
# Takes: label=ai.openclaw.gateway plist= value=/Users/openclaw/.nvm/versions/node/v22.11.0/bin
# Uses: plist
edit_plist 'd["EnvironmentVariables"]["PATH"] = env["value"] + ":" + d["EnvironmentVariables"]["PATH"]'
