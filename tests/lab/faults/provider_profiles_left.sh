# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: OpenClaw was upgraded past 2026.8 without doctor: the keys are in auth-profiles.json still, and nowhere else.
# Takes: user=openclaw agent=main
# Uses: files
eval "home=~$user"
echo '{"version": 1, "profiles": {"openai:default": {"type": "api_key", "provider": "openai", "key": "sk-stale-key-of-an-older-install-0000"}}}' |
    place "$home/.openclaw/agents/$agent/agent/auth-profiles.json" 600
chown -R "$user" "$home/.openclaw/agents"
