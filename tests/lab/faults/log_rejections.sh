# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: promises are rejected and nobody handles it; the Gateway survives.
# Takes: user=openclaw log= count=6 apart=120
# Uses: log
log_lines '[openclaw] Non-fatal unhandled rejection (continuing): TypeError: fetch failed'
