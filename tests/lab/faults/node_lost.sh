# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154  # the lab sets what Takes names
# What: somebody tidied up, and the pinned release has lost its Node. The Gateway still runs.
# Takes: root=/opt/openclaw
rm "$root/current/node"
