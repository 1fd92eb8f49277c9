# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a paired device has not been seen for a year, and its token still opens everything.
# Takes: user=openclaw days=400
# Uses: state
eval "home=~$user"
then=$(($(date +%s) * 1000 - days * 86400000))
state_sql "$home/.openclaw/state/openclaw.sqlite" "INSERT INTO device_pairing_paired (device_id, public_key, display_name, platform, client_id, client_mode, role,
    roles_json, scopes_json, tokens_json, approved_via, created_at_ms, approved_at_ms, last_seen_at_ms)
    VALUES ('d2' || hex(zeroblob(31)), 'cHVibGljLWtleQ', 'MacBook of somebody who left', 'darwin', 'cli', 'cli', 'operator',
    '[\"operator\"]', '[\"operator.admin\"]', '{}', 'owner', $then, $then, $then)"
