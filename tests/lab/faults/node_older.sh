# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: the Node of the pinned release was replaced by one that OpenClaw does not start on.
# Takes: version=20.20.2 root=/opt/openclaw
node=$root/node/$version
install -d "$node/bin" "$node/include/node"
cat > "$node/bin/node" <<SCRIPT
#!/bin/sh
[ "\$1" = --version ] && { echo v$version; exit; }
echo "openclaw: Node $version: node:sqlite is unavailable; use 24.16+/26.1+" >&2
exit 1
SCRIPT
chmod 755 "$node/bin/node"
echo "${version}" | { IFS=. read -r major minor patch
printf '#define NODE_MAJOR_VERSION %s\n#define NODE_MINOR_VERSION %s\n#define NODE_PATCH_VERSION %s\n' "$major" "$minor" "$patch" \
    > "$node/include/node/node_version.h"; }
ln -sfn "$node" "$root/current/node"
