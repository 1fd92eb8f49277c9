# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the plugin registry cannot be refreshed.
# Takes: user=openclaw log= count=8 apart=300
# Uses: log
log_lines '[plugins] Plugin registry refresh failed: EACCES: permission denied, open plugins/installs.json'
