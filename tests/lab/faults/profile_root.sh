# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a second configuration lies in a profile of the same account, left from openclaw --profile.
# Takes: user=openclaw profile=work
# Uses: files
eval "home=~$user"
echo '{ "gateway": { "mode": "local", "bind": "loopback", "port": 19789 } }' | place "$home/.openclaw-$profile/openclaw.json" 600
