# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a stale token among the arguments of the job. Acts at the next load.
# Takes: label=ai.openclaw.gateway plist= value=stale-token-of-an-older-install-0000
# Uses: plist
edit_plist 'd["ProgramArguments"] += ["--token", env["value"]]'
