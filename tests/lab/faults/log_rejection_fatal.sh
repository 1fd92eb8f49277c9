# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a provider took the whole Gateway down with an unhandled rejection.
# Takes: user=openclaw log= count=1 apart=0
# Uses: log
log_lines '[gateway] loading configuration…
[gateway] ready
[openclaw] FATAL unhandled rejection: Error: telegram: 409 Conflict: terminated by other getUpdates request
[gateway] loading configuration…
[gateway] ready'
