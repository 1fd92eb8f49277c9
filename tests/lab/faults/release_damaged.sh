# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: the program of the pinned release is only half there, as after a copy that was cut off. Who runs it, runs on.
# Takes: root=/opt/openclaw
package=$root/current/lib/node_modules/openclaw
real=$(cd "$package" && pwd -P)
program=dist/entry.js
if [ -L "$package" ]; then
    rm "$package"
    install -d "$package/dist"
    cp -p "$real/package.json" "$real/openclaw.mjs" "$package"
    cp -p "$real/$program" "$package/dist"
fi
truncate -s $(($(stat -c %s "$package/$program") / 2)) "$package/$program"
