# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: the text format to the letter, and the numbers that dashboards want."""
import re

import fleet_kit as kit
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import prometheus

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)')
SAMPLE = re.compile(r"(%s)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e-?\d+)?)" % NAME)
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parsed(text):
    """A strict reader: {family: {labels: value}}; HELP and TYPE first, families whole, no sample twice."""
    assert text.endswith("\n") and "\r" not in text
    families, current = {}, None
    lines = iter(text[:-1].split("\n"))
    for line in lines:
        if line.startswith("# HELP "):
            current, about = re.fullmatch(r"# HELP (%s) (\S.*)" % NAME, line).groups()
            assert current not in families and "\\" not in about
            assert next(lines) == "# TYPE %s gauge" % current
            families[current] = {}
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        assert name == current
        key = labelled(labels or "")
        assert key not in families[name]
        families[name][key] = float(value)
    assert all(families.values())
    return families


def labelled(text):
    found, place = [], 0
    while place < len(text):
        match = LABEL.match(text, place)
        assert match, text
        value = re.sub(r'\\\\|\\"|\\n', lambda sign: UNESCAPED[sign.group()], match.group(2))
        found.append((match.group(1), value))
        place = match.end()
    assert len({name for name, _value in found}) == len(found)
    return tuple(sorted(found))


def of_host(family, name, **labels):
    return {
        key: value for key, value in family.items()
        if ("host", name) in key and set(labels.items()) <= set(key)
    }


@pytest.mark.parametrize("record", [kit.morning(), kit.build(kit.healthy(2)), kit.build([]), kit.hostile()])
def test_it_is_the_text_format(record):
    families = parsed(prometheus.render(record))
    assert families["openclaw_audit_last_run_timestamp_seconds"] == {(): 1795327206.0}
    assert sum(families["openclaw_audit_hosts"].values()) == len(record["hosts"])


def test_what_is_told_of_the_fleet():
    families = parsed(prometheus.render(kit.morning()))
    assert families["openclaw_audit_hosts"] == {
        (("state", "drift"),): 3, (("state", "unreachable"),): 1, (("state", "unknown"),): 0, (("state", "clean"),): 46}
    assert families["openclaw_audit_findings"] == {
        (("severity", "error"),): 7, (("severity", "warning"),): 4, (("severity", "info"),): 0}
    assert families["openclaw_audit_exit_code"] == {(): 2}
    assert families["openclaw_audit_duration_seconds"] == {(): 6}
    failing = families["openclaw_audit_check_failing_hosts"]
    assert failing[(("check", "OCG-TOKEN-001"), ("severity", "error"))] == 1
    assert len(failing) == len(kit.CHECKS)


def test_what_is_told_of_a_host():
    families = parsed(prometheus.render(kit.morning()))
    broken, dead = kit.named(7), kit.named(42)
    failing = families["openclaw_audit_host_failing_checks"]
    assert list(of_host(failing, broken, severity="error").values()) == [3]
    assert of_host(failing, dead) == {}
    assert list(of_host(families["openclaw_audit_host_state"], dead, state="unreachable").values()) == [1]
    assert list(of_host(families["openclaw_gateway_token_sources"], broken).values()) == [3]
    assert list(of_host(families["openclaw_gateway_auth_failures"], broken, layer="gateway").values()) == [214]
    closes = families["openclaw_gateway_closes"]
    told = [list(of_host(closes, broken, code=code).values()) for code in ("1006", "1008", "1012")]
    assert told == [[31], [214], [0]]
    assert list(of_host(families["openclaw_gateway_pairing_retries_per_hour"], broken).values()) == [0]


@pytest.mark.parametrize("tried,through,hours,rate", [
    (10, 4, 24.0, 0.25), (2, 5, 24.0, 0), (None, None, 24.0, None), (3, None, 6, 0.5), (3, 1, 0, None),
    (3, 1, None, None),
])
def test_the_rate_of_vain_pairing(tried, through, hours, rate):
    told = {"pairing_attempts": tried, "pairing_successes": through, "log_hours": hours}
    assert prometheus.retry_rate(told) == rate


def test_what_is_unknown_is_no_sample():
    unknown = dict.fromkeys(kit.METRICS, None)
    host = kit.host("a", metrics=dict(unknown, auth_failures={"gateway": None, "provider": None}))
    families = parsed(prometheus.render(kit.build([host])))
    assert not [name for name in families if name.startswith("openclaw_gateway_")]
