# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the setup token of a provider ran out; it does not renew itself.
# Takes: user=openclaw provider=anthropic days=3
# Uses: state
eval "home=~$user"
# Where OpenClaw itself puts what is pasted for its main agent. A database of the agent's own is left to it: one that
# lacks its schema takes the Gateway's health away, for good.
state_sql "$home/.openclaw/state/openclaw.sqlite" "INSERT OR REPLACE INTO config_machine_state
    (state_key, value_json, updated_at_ms) VALUES ('authProfiles.store', ?, ?)" '
[json.dumps({"version": 1, "profiles": {env["provider"] + ":default": {
    "type": "token", "provider": env["provider"], "token": "stale-setup-token-0000000000",
    "expires": ago(float(env["days"]))}}}), ago(0)]'
