# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the token lies in the login keychain, and nobody has logged in since the host was started anew.
# Takes: user=openclaw service=openclaw-gateway
# Uses: config files
eval "home=~$user"
keychain=$home/Library/Keychains/login.keychain-db
program=$home/.openclaw/gateway-token.sh
printf '#!/bin/sh\nexec /usr/bin/security find-generic-password -s %s -a %s -w %s\n' "$service" "$user" "$keychain" |
    place "$program" 700
as_owner() { sudo -u "$user" /usr/bin/security "$@"; }
# As in the session in which somebody set it up.
as_owner unlock-keychain "$keychain"
token=$(/usr/bin/python3 -IS -c 'import json, sys; print(json.load(open(sys.argv[1]))["gateway"]["auth"]["token"])' \
    "$home/.openclaw/openclaw.json")
printf 'add-generic-password -U -s %s -a %s -w %s %s\n' "$service" "$user" "$token" "$keychain" | as_owner -i
edit_config 'c["gateway"]["auth"]["token"] = {"source": "exec", "provider": "keychain", "id": "gateway-token"}
c.setdefault("secrets", {}).setdefault("providers", {})["keychain"] = {
    "source": "exec", "command": os.path.dirname(path) + "/gateway-token.sh", "jsonOnly": False, "passEnv": ["HOME"]}'
as_owner lock-keychain "$keychain"
