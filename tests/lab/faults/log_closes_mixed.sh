# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: clients are refused (1008) and cut off (1006) in turn: two causes at once.
# Takes: user=openclaw log= count=30 apart=60
# Uses: log
log_lines '[ws] closed before connect conn={n} peer=127.0.0.1:51820->127.0.0.1:18789 remote=127.0.0.1 fwd=n/a origin=n/a host=127.0.0.1:18789 ua=n/a code=1006 reason=n/a phase=ws_open cause=handshake-timeout durationMs=15002
[ws] closed before connect conn={n} peer=127.0.0.1:51821->127.0.0.1:18789 remote=127.0.0.1 fwd=n/a origin=n/a host=127.0.0.1:18789 ua=n/a code=1008 reason=device identity required phase=auth_credentials_received cause=device-required durationMs=3'
