# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a channel's credentials are readable by everybody.
# Takes: user=openclaw mode=644
# Uses: files
eval "home=~$user"
echo '{"creds": {"noiseKey": "a-channel-secret-0000"}}' | place "$home/.openclaw/credentials/whatsapp/default/creds.json" "$mode"
