# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a device asked to be paired, and nobody answered.
# Takes: user=openclaw seconds=200
# Uses: state
eval "home=~$user"
now=$(($(date +%s) * 1000 - seconds * 1000))
state_sql "$home/.openclaw/state/openclaw.sqlite" "INSERT INTO device_pairing_pending (request_id, device_id, public_key, display_name, platform, client_id,
    client_mode, role, roles_json, scopes_json, remote_ip, silent, is_repair, ts)
    VALUES ('req-fault', 'd1' || hex(zeroblob(31)), 'cHVibGljLWtleQ', 'iPhone of Ada', 'ios', 'openclaw-ios', 'ui', 'operator',
    '[\"operator\"]', '[\"operator.read\"]', '192.0.2.7', 0, 0, $now)"
