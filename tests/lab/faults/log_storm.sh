# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the Gateway starts, gives up, and launchd starts it again, over and over.
# Takes: user=openclaw log= count=12 apart=25
# Uses: log
log_lines '[gateway] loading configuration…
[gateway] resolving authentication…
[shutdown] completed cleanly in 58ms
Gateway failed to start: another gateway instance is already listening on ws://127.0.0.1:18789 | listen EADDRINUSE: address already in use 127.0.0.1:18789'
