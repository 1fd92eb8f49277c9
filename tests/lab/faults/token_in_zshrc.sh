# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a stale OPENCLAW_GATEWAY_TOKEN in .zshrc of a person who works here: that person's clients are refused.
# Takes: user=admin value=stale-token-of-an-older-install-0000 file=.zshrc
# Uses: files
eval "home=~$user"
printf '# openclaw\nexport OPENCLAW_GATEWAY_TOKEN="%s"\n' "$value" | place "$home/$file" 644
