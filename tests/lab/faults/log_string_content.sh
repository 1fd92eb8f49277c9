# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a local backend takes no list as content: agent turns fail while a direct request passes.
# Takes: user=openclaw log= count=6 apart=120
# Uses: log
log_lines '[model-fallback/decision] model fallback decision: decision=candidate_failed requested=local/qwen3 candidate=local/qwen3 reason=format next=none detail=400 messages[1].content: invalid type: sequence, expected a string'
