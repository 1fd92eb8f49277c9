# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the provider refuses its key on every turn.
# Takes: user=openclaw log= count=12 apart=60
# Uses: log
log_lines '[model-fallback/decision] model fallback decision: decision=candidate_failed requested=anthropic/claude-opus-5 candidate=anthropic/claude-opus-5 reason=auth next=none detail=401 invalid x-api-key'
