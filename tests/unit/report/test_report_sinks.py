# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON, Markdown and the text for a terminal; and writing any of them."""
import json
import os
import re
import stat
import unicodedata

import fleet_kit as kit
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import json_, markdown, sinks, text, words

MORNING = kit.morning()


def test_json_is_the_record_and_always_the_same_bytes():
    rendered = json_.render(MORNING)
    assert json.loads(rendered) == MORNING
    assert json_.render(json.loads(rendered)) == rendered


# ------------------------------------------------------------------------------------------------------------ terminal
def test_the_text_names_what_drifted_first():
    lines = text.render(MORNING).splitlines()
    assert [line.split()[:2] for line in lines[:4]] == [
        [kit.named(7), "DRIFT"], [kit.named(23), "DRIFT"], [kit.named(31), "DRIFT"], [kit.named(42), "DEAD"]]
    said = "error OCG-TOKEN-001 3 places supply a token: config, launchctl setenv, ~/.zshrc  (+3 more)"
    assert lines[0].endswith(said)
    assert lines[4].split()[:3] == ["fleet", "error", "OCG-FLEET-005"]
    assert lines[6:] == [
        "3 of 50 hosts drifted and 1 is unreachable. 7 errors, 4 warnings, 1 unknown, 1 waived.",
        "Since 2026-11-21 06:00 UTC: 8 findings appeared, 3 findings gone, 3 the same.",
        "A deploy would change 2 things on 1 host.",
        "2026-11-22 06:00 UTC  %d checks  findings %s" % (len(kit.CHECKS), MORNING["findingsHash"][:19]),
    ]


def test_a_fleet_as_declared_is_two_lines():
    record = kit.build(kit.healthy(50))
    record["run"]["reports"] = {"html": "reports/drift.html"}
    first, _second, third = text.render(record).splitlines()
    assert first == "All 50 hosts are as declared. Nothing found."
    assert third == "html report: reports/drift.html"


def test_the_text_fits_and_moves_no_cursor():
    wide = kit.host("\u30df\u30cb" * 20, kit.finding("OCG-LOG-001", "a", message="\u6f22" * 200))
    long = kit.host("h" * 200, kit.finding("OCG-LOG-001", "a", message="x" * 500), kit.finding("OCG-LOG-002", "a"))
    for record in (kit.hostile(), kit.build([wide, long]), kit.build(kit.bad_morning(500))):
        shown = text.render(record)
        assert max(text.columns(line) for line in shown.splitlines()) <= text.WIDTH
        assert {unicodedata.category(sign) for sign in shown.replace("\n", "")} & {"Cc", "Cf", "Zl", "Zp"} == set()


def test_a_mail_about_a_big_fleet_stays_short():
    lines = text.render(kit.build(kit.bad_morning(500))).splitlines()
    assert len(lines) < text.MAX_HOSTS + 8
    assert "... and 65 more hosts" in lines


# ------------------------------------------------------------------------------------------------------------ markdown
def test_markdown_says_what_where_and_how_to_repair():
    shown = markdown.render(MORNING)
    assert shown.startswith("# Drift audit of 2026-11-22 06:00 UTC\n\n**3 of 50 hosts drifted and 1 is unreachable.**")
    assert "| %s | drifted | 3 | 1 | 0 |" % kit.named(7) in shown
    assert "## %s\n" % kit.named(7) in shown and "## %s\n" % kit.named(1) not in shown
    assert "  ```sh\n  ansible-playbook clawops.openclaw.deploy -e target=%s\n  ```" % kit.named(7) in shown
    assert "until 2026-12-31" in shown
    assert "(pending: the declaration changed, and was not deployed yet)" in shown
    assert "Appeared: fleet OCG-FLEET-005" in shown
    assert "- %s: Converge openclaw.json" % kit.named(31) in shown
    assert MORNING["findingsHash"] in shown


@pytest.mark.parametrize("hostile", kit.HOSTILE)
def test_nothing_a_host_says_is_markup(hostile):
    plain = markdown.plain(hostile)
    assert "\n" not in plain
    # Every sign that could begin markup has its backslash, and every backslash stands for itself or before such a sign.
    rest = re.sub(r"\\[\\`*_{}\[\]()#+!|~@]|&amp;|&lt;", "", plain)
    assert not set(rest) & set("\\`*_{}[]()#!|<&")
    fence, *inside, end = markdown.fenced(hostile)
    assert set(fence) == {"`"} and end == fence and not any(line.startswith(fence) for line in inside)
    span = markdown.code(hostile)
    marks = len(span) - len(span.lstrip("`"))
    assert "`" * marks not in span[marks:-marks] or marks == 0


@pytest.mark.parametrize("record,sentence", [
    (kit.build([kit.host("a")]), "The host is as declared."),
    (kit.build([]), "No host was looked at."),
    (kit.build([kit.dead("a"), kit.dead("b")]), "2 are unreachable."),
    (kit.build([kit.blind("a"), kit.dead("b"), kit.two_tokens("c")]),
     "1 of 3 hosts drifted, 1 is unreachable and 1 could not be told."),
    (kit.build(kit.healthy(2), fleet=[kit.shared_token("a", "b")]),
     "All 2 hosts are as declared, but not with each other."),
])
def test_the_headline(record, sentence):
    assert words.headline(record) == sentence


# ------------------------------------------------------------------------------------------------------------- writing
def test_every_sink_renders_every_record():
    for record in (MORNING, kit.build([]), kit.hostile(), kit.build([{"name": "a"}])):
        for render, name in sinks.SINKS.values():
            assert render(record).encode("utf-8") and name


def test_a_report_is_written_whole_private_and_only_when_it_changed(tmp_path):
    path = str(tmp_path / "drift.txt")
    assert sinks.write(path, "one\n") is True
    first = os.stat(path)
    assert stat.S_IMODE(first.st_mode) == 0o600
    assert sinks.write(path, "one\n") is False
    assert os.stat(path).st_mtime_ns == first.st_mtime_ns
    assert sinks.write(path, "one\n", 0o644) is True
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
    assert sinks.write(path, "two \u202e\n") is True
    assert (tmp_path / "drift.txt").read_text(encoding="utf-8") == "two \u202e\n"
    assert os.listdir(str(tmp_path)) == ["drift.txt"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "drift.txt"
    sinks.write(str(path), "one")

    def full(_source, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        sinks.write(str(path), "two")
    assert (path.read_text(), os.listdir(str(tmp_path))) == ("one", ["drift.txt"])


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path):
    (tmp_path / "other").write_text("mine")
    (tmp_path / "drift.txt").symlink_to(tmp_path / "other")
    assert sinks.write(str(tmp_path / "drift.txt"), "report") is True
    assert not (tmp_path / "drift.txt").is_symlink()
    assert (tmp_path / "other").read_text() == "mine"
