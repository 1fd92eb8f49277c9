# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: an edit touched a plugin at work, and the Gateway went on with what it had.
# Takes: user=openclaw log= count=1 apart=0
# Uses: log
log_lines '[reload] config reload failed: PluginRuntimeApplicationError: Plugin anthropic still has active retained work; retry after the work finishes'
