# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: somebody tidied up and removed the Node of the pinned release; its link leads nowhere. The Gateway still runs.
# Takes: root=/opt/openclaw
rm -rf "$(cd "$root/current/node" && pwd -P)"
