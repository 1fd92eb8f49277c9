# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: nvm in the start file of an account's shell: its shells find another node and openclaw than the service.
# Takes: user=openclaw version=2026.9.6 node=24.16.0 file=.bash_profile
# Uses: files
eval "home=~$user"
base=$home/.nvm/versions/node/v$node
openclaw_in "$base/lib/node_modules" "$version"
install -d "$base/bin"
printf '#!/bin/sh\necho v%s\n' "$node" > "$base/bin/node"
chmod 755 "$base/bin/node"
ln -s ../lib/node_modules/openclaw/openclaw.mjs "$base/bin/openclaw"
chown -R "$user" "$home/.nvm"
echo "export PATH=\"$base/bin:\$PATH\"" | place "$home/$file" 644
