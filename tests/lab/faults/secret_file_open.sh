# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a file that a SecretRef names is readable by everybody: the next start fails.
# Takes: user=openclaw mode=644
# Uses: files config
eval "home=~$user"
echo '{"telegram": "a-bot-token-0000000000"}' | place "$home/.openclaw/secrets.json" "$mode"
edit_config 'c["secrets"] = {"providers": {"vault": {
    "source": "file", "path": os.path.dirname(path) + "/secrets.json", "mode": "json"}}}'
