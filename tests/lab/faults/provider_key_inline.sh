# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a provider's key stands in openclaw.json itself.
# Takes: user=openclaw value=sk-or-v1-stale-key-typed-by-hand-0000000
# Uses: config
edit_config 'c["models"] = {"mode": "merge", "providers": {"relay": {
    "baseUrl": "https://relay.example.net/v1", "api": "openai-completions", "apiKey": env["value"], "models": [
        {"id": "qwen3", "name": "Qwen", "contextWindow": 32000, "maxTokens": 1024, "input": ["text"], "reasoning": False,
         "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}}]}}}'
