# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the provider refuses long contexts to this credential.
# Takes: user=openclaw log= count=6 apart=120
# Uses: log
log_lines '[model-fallback/decision] model fallback decision: decision=candidate_failed requested=anthropic/claude-opus-5 candidate=anthropic/claude-opus-5 reason=rate_limit next=none detail=HTTP 429: rate_limit_error: Extra usage is required for long context requests'
