# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the setup token of a provider ran out; it does not renew itself.
# Takes: user=openclaw provider=anthropic agent=main days=3
# Uses: state
eval "home=~$user"
base=$home/.openclaw/agents/$agent/agent
install -d -m 700 -o "$user" -g "$(id -g "$user")" "$home/.openclaw/agents" "$home/.openclaw/agents/$agent" "$base"
state_sql "$base/openclaw-agent.sqlite" "CREATE TABLE IF NOT EXISTS auth_profile_store (
  store_key TEXT NOT NULL PRIMARY KEY,
  store_json TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT"
state_sql "$base/openclaw-agent.sqlite" "INSERT OR REPLACE INTO auth_profile_store VALUES ('primary', ?, ?)" '
[json.dumps({"version": 1, "profiles": {env["provider"] + ":default": {
    "type": "token", "provider": env["provider"], "token": "stale-setup-token-0000000000",
    "expires": ago(float(env["days"]))}}}), ago(float(env["days"]))]'
