# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: auth-profiles.json, retired and full of keys, is readable by everybody.
# Takes: user=openclaw agent=main mode=644
# Uses: files state
eval "home=~$user"
store='{"version": 1, "profiles": {"openai:default": {"type": "api_key", "provider": "openai", "key": "sk-stale-key-of-an-older-install-0000"}}}'
# Retired: what is in it has been taken over. With one that has not, OpenClaw 2026.9 does not start.
state_sql "$home/.openclaw/state/openclaw.sqlite" "INSERT OR REPLACE INTO config_machine_state
    (state_key, value_json, updated_at_ms) VALUES ('authProfiles.store', ?, ?)" "[$(printf %s "$store" |
    /usr/bin/python3 -IS -c 'import sys; print(repr(sys.stdin.read()))'), ago(0)]"
echo "$store" | place "$home/.openclaw/agents/$agent/agent/auth-profiles.json" "$mode"
chown -R "$user" "$home/.openclaw/agents"
