# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a plugin fails to load at each start.
# Takes: user=openclaw log= count=4 apart=300
# Uses: log
log_lines '[plugins] plugin load failed: notes: Error: Cannot find module undici'
