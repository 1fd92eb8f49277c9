# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a client with a stale token comes again and again.
# Takes: user=openclaw log= count=40 apart=20
# Uses: log
log_lines '[ws] unauthorized conn={n} client=gateway-client auth=token device=no reason=token_mismatch
[ws] closed before connect conn={n} peer=127.0.0.1:51820->127.0.0.1:18789 remote=127.0.0.1 fwd=n/a origin=n/a host=127.0.0.1:18789 ua=n/a code=1008 reason=unauthorized: gateway token mismatch (provide gateway auth token) phase=auth_credentials_received cause=unauthorized durationMs=252'
