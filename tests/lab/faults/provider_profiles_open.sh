# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: auth-profiles.json, retired and full of keys, is readable by everybody.
# Takes: user=openclaw agent=main mode=644
# Uses: files
eval "home=~$user"
echo '{"version": 1, "profiles": {"openai:default": {"type": "api_key", "provider": "openai", "key": "sk-stale-key-of-an-older-install-0000"}}}' |
    place "$home/.openclaw/agents/$agent/agent/auth-profiles.json" "$mode"
chown -R "$user" "$home/.openclaw/agents"
