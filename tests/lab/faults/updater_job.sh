# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a job of OpenClaw's own updater is left over in /Library/LaunchDaemons.
# Takes: label=ai.openclaw.manual-update.7
# Uses: plist
new_plist "/Library/LaunchDaemons/$label.plist" 'd.update(Label=env["label"], RunAtLoad=True,
    ProgramArguments=["/opt/homebrew/bin/openclaw", "update", "--yes"])'
