# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What axe-core says of every part of the page by the rules of WCAG 2, levels A and AA."""
import json

import chromium
import fleet_kit as kit
import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PARTS = ["#hosts", "#checks", "#fleet", "#changes", "#plan", "#run", "#host/" + kit.named(7), "#host/" + kit.named(23),
         "#check/OCG-TOKEN-001"]


def violations(page, axe):
    page.run("typeof axe === 'undefined'") and page.run(axe + "; true")
    # Addresses as #host/NAME open the panel; axe takes them for links that skip to an element.
    options = json.dumps({"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"],
                          "rules": {"skip-link": {"enabled": False}}})
    # An animation would be judged half way.
    page.run("Promise.all(document.getAnimations().map(one => one.finished))")
    found = page.run("axe.run(document, %s)" % options)
    return ["%s: %s: %s" % (item["id"], node["target"], node["failureSummary"])
            for item in found["violations"] for node in item["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_every_part_of_the_page_is_accessible(browser, report, axe, size, theme):
    with browser.page(report("morning"), size, theme) as page:
        found = {}
        for part in PARTS:
            page.run("location.hash = %s" % json.dumps(part))
            page.until("location.hash === %s && %s" % (json.dumps(part), shown(part)))
            page.run("document.querySelectorAll('#panel details').forEach(one => { one.open = true; })")
            found[part] = violations(page, axe)
        assert found == {part: [] for part in PARTS}


def shown(part):
    """JavaScript: whether a part of the page, or the panel of a host or check, is what is shown."""
    if "/" in part:
        name = json.dumps(part.partition("/")[2])
        return "panel.open && panel.innerText.includes(%s)" % name
    return "!document.querySelector('%s').hidden" % part


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["clean", "hostile", "none"])
def test_so_is_every_other_report(browser, report, axe, name, theme):
    with browser.page(report(name), theme=theme) as page:
        assert violations(page, axe) == []


def test_a_fault_would_be_found(browser, tmp_path, axe):
    (tmp_path / "bad.html").write_text("<title>x</title><p style='color:#999;background:#fff'>pale</p><input>")
    with browser.page(tmp_path / "bad.html") as page:
        assert {line.split(":")[0] for line in violations(page, axe)} >= {"color-contrast", "label", "html-has-lang"}


def test_what_a_screen_reader_is_told_of_a_row(browser, report):
    with browser.page(report("morning")) as page:
        nodes = {node["nodeId"]: node for node in page.call("Accessibility.getFullAXTree")["nodes"]}
        rows = [node for node in nodes.values() if node.get("role", {}).get("value") == "row"]
        cells = [[nodes[child].get("role", {}).get("value") for child in row["childIds"]] for row in rows]
        assert cells[0].count("columnheader") == 20
        assert cells[1][0] == "rowheader" and set(cells[1][1:]) <= {"cell", "gridcell"}

        def words(node):
            if node.get("role", {}).get("value") == "StaticText":
                return node["name"]["value"].strip()
            return " ".join(filter(None, (words(nodes[child]) for child in node.get("childIds", []))))

        said = words(rows[1])
        assert said.startswith(kit.named(7)) and "drifted" in said
        assert "3 failing, worst error" in said and said.count("pass") == 14
