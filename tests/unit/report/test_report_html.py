# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as text: one file that asks for nothing, in which nothing a host says is more than words."""
import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import fleet_kit as kit
import pytest
from ansible_collections.clawops.openclaw.plugins.plugin_utils._report import html

VOID = {"meta", "link", "input", "circle", "path", "rect", "br", "img"}
RECORDS = {"morning": kit.morning(), "clean": kit.build(kit.healthy(3)), "none": kit.build([]),
           "hostile": kit.hostile(), "sparse": kit.build([{"name": "a"}])}
PAGES = {name: html.render(record) for name, record in RECORDS.items()}


class Reader(HTMLParser):
    """Elements with their attributes, whether all that was opened is closed, and the texts of each kind of element."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


@pytest.mark.parametrize("name", PAGES)
def test_it_is_one_whole_page_that_asks_for_nothing(name):
    page = Reader(PAGES[name])
    assert page.open == []
    tags = [tag for tag, _attributes in page.elements]
    assert tags.count("script") == 2 and tags.count("style") == 1 and tags.count("h1") == 1
    assert set(tags) & {"img", "iframe", "object", "embed", "base", "audio", "video"} == set()
    for tag, attributes in page.elements:
        assert [key for key in attributes if key.startswith("on") or key in ("style", "srcdoc", "src", "action")] == []
        if "href" in attributes:
            assert attributes["href"].startswith("#" if tag == "a" else "data:image/svg+xml,")
    assert "url(" not in PAGES[name] and "@import" not in PAGES[name] and "{{" not in PAGES[name]


def test_only_its_own_script_and_style_may_run():
    page = Reader(PAGES["hostile"])
    policy = next(attributes["content"] for tag, attributes in page.elements if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for kind, text in (("style", page.texts["style"]), ("script", page.texts["script"][1:])):
        digest = base64.b64encode(hashlib.sha256("".join(text).encode()).digest()).decode()
        assert "%s-src 'sha256-%s'" % (kind, digest) in policy


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_links_lead_somewhere(name):
    page = Reader(PAGES[name])
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        if tag == "a" and "/" not in attributes["href"]:
            assert attributes["href"][1:] in ids
        for key in ("aria-labelledby", "for"):
            assert attributes.get(key, ids[0]) in ids


def test_the_data_of_the_page_cannot_end_its_element():
    text = Reader(PAGES["hostile"]).texts["script"][0]
    assert not set(text) & set("<>&\u2028\u2029")
    assert len(json.loads(text)["hosts"]) == len(kit.HOSTILE)
    assert json.loads(html.in_script({"a": "</script><!--"})) == {"a": "</script><!--"}


@pytest.mark.parametrize("text", kit.HOSTILE)
def test_what_a_host_says_is_shown_and_does_nothing(text):
    page = Reader(html.render(kit.build([kit.host(text, kit.finding("OCG-TOKEN-001", text, message=text, path=text))])))
    shown = html.html_parts.shown(text.replace("\ud800", "\ufffd"))
    assert shown in page.texts["bdi"] or "\n" in shown
    hidden = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    assert not re.search(hidden, "".join(page.texts["bdi"]))


def test_without_a_script_everything_found_can_be_read():
    page = PAGES["morning"]
    reading = page[page.index("<noscript>"):page.index("</noscript>")]
    record = RECORDS["morning"]
    for host in record["hosts"]:
        assert ('id="host/%s"' % host["name"] in reading) is bool(host["findings"] or host["reason"])
        for item in host["findings"]:
            assert item["message"].replace('"', "&quot;") in reading
    assert "ansible-playbook clawops.openclaw.deploy -e target=%s" % kit.named(7) in reading
    assert "What the checks mean" in reading and kit.BY_ID["OCG-TOKEN-001"]["why"] in reading
    # The tables are there for all.
    table = page[page.index('id="rows"'):page.index('id="check-rows"')]
    names = re.findall(r"<bdi>(mini\d\d[^<]*)</bdi></a>", table)
    assert names == [host["name"] for host in record["hosts"]]


def test_each_cell_of_the_matrix_says_what_it_shows():
    page = PAGES["morning"]
    row = page[page.index('<tr data-i="1"'):page.index('<tr data-i="2"')]
    assert row.count("<td") == 16 + 3
    assert '<td class="m e"><b>2</b><i> failing, worst error</i></td>' in row
    assert '<td class="m u"><b>?</b><i> 1 unknown</i></td>' in row
    assert '<td class="m x"><b>~</b><i> 1 waived</i></td>' in row
    assert row.count('<td class="p">pass</td>') == 12
    dead = page[page.index('<tr data-i="3"'):page.index('<tr data-i="4"')]
    assert '<td class="none" colspan="16"><bdi>unreachable: connect to' in dead


def test_evidence_and_differences_have_an_end():
    item = kit.finding("OCG-LOG-001", "a", evidence={"lines": ["x" * 100] * 1000})
    plan = {"hosts": [{"name": "a", "changed": [{"task": "t", "module": "m", "path": None, "diff": "y" * 10 ** 6}]}]}
    assert len(html.render(kit.build([kit.host("a", item)], plan=plan))) < 150000


def test_a_rule_that_is_not_in_the_catalogue_is_shown_like_the_others():
    own = dict(kit.finding("OCG-LOG-001", "a"), checkId="ACME-DISK-001", title="Disk encrypted", message="it is not")
    page = html.render(kit.build([kit.host("a", own)]))
    assert page.count("ACME-DISK-001") > 2 and "Disk encrypted" in page


def test_five_hundred_hosts_are_a_file_to_mail():
    record = kit.build(kit.bad_morning(500), previous=kit.build(kit.healthy(500)))
    assert len(html.render(record).encode("utf-8")) < 3_000_000
