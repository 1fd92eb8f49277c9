# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a stale token in ~/.config/openclaw/gateway.env of the Gateway's user.
# Takes: user=openclaw value=stale-token-of-an-older-install-0000
# Uses: files
eval "home=~$user"
echo "OPENCLAW_GATEWAY_TOKEN=$value" | place "$home/.config/openclaw/gateway.env" 600
