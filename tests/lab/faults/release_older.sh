# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: current leads to an older release, as after a rollback by hand that nobody finished.
# Takes: version=2026.7.1 root=/opt/openclaw
release=$root/releases/$version
install -d "$release/lib/node_modules/openclaw/dist"
now=$(readlink "$root/current")
cp -RP "$root/$now/node" "$release/node"
printf '{"name": "openclaw", "version": "%s", "engines": {"node": ">=22.22.3 <23 || >=24.15.0 <25 || >=25.9.0"}}\n' "$version" \
    > "$release/lib/node_modules/openclaw/package.json"
ln -sfn "releases/$version" "$root/current"
