# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: ~/.clawdbot of a release from before the name changed is still there.
# Takes: user=openclaw name=.clawdbot file=clawdbot.json
# Uses: files
eval "home=~$user"
echo '{ "gateway": { "mode": "local", "port": 18788 } }' | place "$home/$name/$file" 600
