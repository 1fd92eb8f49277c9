# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: a stale token in ~/.openclaw/.env of the Gateway's user.
# Takes: user=openclaw value=stale-token-of-an-older-install-0000
eval "home=~$user"
[ -d "$home/.openclaw" ] || { echo "no $home/.openclaw" >&2; exit 1; }
(umask 077; printf 'OPENCLAW_GATEWAY_TOKEN=%s\n' "$value" >> "$home/.openclaw/.env")
chown "$user" "$home/.openclaw/.env"
