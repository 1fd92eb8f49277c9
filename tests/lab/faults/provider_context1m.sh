# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: context1m is left in a model's parameters, with a credential that is not eligible.
# Takes: user=openclaw model=anthropic/claude-sonnet-4-5
# Uses: config
edit_config 'c.setdefault("agents", {}).setdefault("defaults", {})["models"] = {env["model"]: {"params": {"context1m": True}}}'
