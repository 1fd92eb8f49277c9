# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a device asks to be paired again and again, and nobody approves it.
# Takes: user=openclaw log= count=40 apart=15
# Uses: log
log_lines '[ws] closed before connect conn={n} peer=192.0.2.7:51820->192.0.2.8:18789 remote=192.0.2.7 fwd=n/a origin=n/a host=192.0.2.8:18789 ua=n/a code=1008 reason=pairing required: device is not approved yet phase=device_pairing cause=pairing-required durationMs=4'
