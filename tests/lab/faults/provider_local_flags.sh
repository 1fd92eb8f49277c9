# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # the lab sets what Takes names
# What: a local backend is configured without the flags that it needs.
# Takes: user=openclaw url=http://127.0.0.1:1234/v1
# Uses: config
edit_config 'c["models"] = {"mode": "merge", "providers": {"local": {
    "baseUrl": env["url"], "api": "openai-completions", "models": [
        {"id": "qwen3", "name": "Qwen", "contextWindow": 32000, "maxTokens": 1024, "input": ["text"], "reasoning": False,
         "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}}]}}}'
