# Copyright: (c) clawops.openclaw maintainers
# GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with the report: open it, read, filter, sort, look closer, copy; by keyboard, on a telephone."""
import json

import chromium
import fleet_kit as kit
import pytest

SHOWN = ("[...document.querySelectorAll('#rows tr')].filter(row => !row.hidden)"
         ".map(row => row.querySelector('bdi').textContent)")
COUNT = "document.getElementById('count').textContent"
FOCUS = "document.activeElement.id || document.activeElement.textContent"
OPEN = "document.getElementById('panel').open"
PANEL = "document.getElementById('panel-body').textContent"


@pytest.fixture
def page(browser, report):
    with browser.page(report("morning")) as found:
        yield found


def choose(page, ident, value):
    """Choose from a list as a person does: the list says that it changed."""
    page.run("(() => { const list = document.getElementById(%s); list.value = %s;"
             " list.dispatchEvent(new Event('change', {bubbles: true})); })()" % (json.dumps(ident), json.dumps(value)))


def search(page, text):
    page.run("document.getElementById('q').select()")
    page.type(text)
    page.run("new Promise(requestAnimationFrame)")


# ------------------------------------------------------------------------------------------------------- it just opens
@pytest.mark.parametrize("name", ["morning", "clean", "hostile", "none"])
@pytest.mark.parametrize("size", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_it_opens_from_disk_without_a_network_or_a_complaint(browser, report, name, size):
    with browser.page(report(name), size) as page:
        assert page.run("document.querySelector('h1').textContent")
        # Nothing has to be pushed sideways.
        assert page.run("document.documentElement.scrollWidth") <= size[0]
        page.check()


def test_a_complaint_would_be_seen(browser, tmp_path):
    (tmp_path / "bad.html").write_text("<script>fetch('http://example.com/'); throw new Error('no')</script>")
    complaint = pytest.raises(chromium.BrowserError, match="asks for http://example.com/")
    with complaint, browser.page(tmp_path / "bad.html"):
        pass


def test_nothing_a_host_says_becomes_part_of_the_page(browser, report):
    with browser.page(report("hostile")) as page:
        for number in range(len(kit.HOSTILE)):
            page.run("document.querySelectorAll('#rows th a')[%d].click()" % number)
            page.until(OPEN)
            assert page.run("document.querySelectorAll('img, dialog script, dialog b > img').length") == 0
            assert page.run("document.querySelector('#panel-title').textContent") in page.run(
                "[...document.querySelectorAll('#rows th a')].map(link => link.textContent)")
        assert page.run("document.scripts.length") == 2
        page.run("document.getElementById('close').click()")


def test_without_a_script_it_can_be_read(browser, report):
    with browser.page(report("morning"), script=False) as page:
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
    said = [(node["role"]["value"], (node.get("name") or {}).get("value", "")) for node in tree if "role" in node]
    headings = [name for role, name in said if role == "heading"]
    assert headings[0] == "3 of 50 hosts drifted and 1 is unreachable."
    assert "What was found, host by host" in headings and kit.named(7) in headings
    texts = {name for role, name in said if role == "StaticText"}
    assert "3 places supply a token: config, launchctl setenv, ~/.zshrc" in texts
    assert "ansible-playbook clawops.openclaw.deploy -e target=%s" % kit.named(7) in texts
    # What only a script could make work is not offered.
    assert [role for role, _name in said if role in ("searchbox", "combobox", "button")] == []
    assert sum(role == "rowheader" for role, _name in said) == 50 + len(kit.CHECKS)


# ----------------------------------------------------------------------------------------------------------- filtering
FILTERS = [
    (("q", "zshrc"), [7]), (("q", "mini2 PORT"), [23]), (("q", "unreachable"), [42]), (("q", "ocg-version-001"), [31]),
    (("q", "no such words"), []), (("kind", "fe"), [7, 23, 31]), (("kind", "u"), [23]), (("kind", "w"), [23]),
    (("kind", "c"), [7, 23]), (("kind", "p"), [31]), (("kind", "new"), [7, 23]), (("kind", "fi"), []),
    (("area", "TOKEN"), [7]), (("area", "HOST"), [23, 31]), (("area", "CHANNEL"), []),
]


def test_a_filter_shows_just_what_it_says(page):
    for (where, what), numbers in FILTERS:
        if where == "q":
            search(page, what)
        else:
            choose(page, where, what)
        assert ((where, what), page.run(SHOWN)) == ((where, what), [kit.named(number) for number in numbers])
        assert page.run(COUNT) == "%d of 50 hosts" % len(numbers)
        assert page.run("document.querySelector('#hosts .none-found').hidden") is bool(numbers)
        page.click("#reset")
        page.until("%s === '50 of 50 hosts'" % COUNT)


def test_filters_are_combined_and_cleared(page):
    choose(page, "area", "HOST")
    choose(page, "kind", "w")
    assert page.run(SHOWN) == [kit.named(23)]
    search(page, "mini31")
    assert page.run(SHOWN) == []
    page.click("#reset")
    page.until("%s === '50 of 50 hosts'" % COUNT)


def test_states_are_picked_by_their_buttons(page):
    assert page.run("[...document.querySelectorAll('#legend button')].map(b => b.textContent)") == [
        "!3 drifted", "\u00d71 unreachable", "\u271346 as declared"]
    page.click("#legend li:nth-child(2) button")
    assert page.run(SHOWN) == [kit.named(42)]
    page.click("#legend li:nth-child(1) button")
    assert len(page.run(SHOWN)) == 4
    assert page.run("document.querySelector('#legend button').getAttribute('aria-pressed')") == "true"


# ------------------------------------------------------------------------------------------------------------- sorting
def test_sorting_does_what_it_says(page):
    by_name = [kit.named(number) for number in range(1, 51)]
    choose(page, "sort", "name")
    assert page.run(SHOWN) == by_name
    page.click("th[data-sort=name] button")
    assert page.run(SHOWN) == by_name[::-1]
    assert page.run("document.querySelector('th[data-sort=name]').getAttribute('aria-sort')") == "descending"
    choose(page, "sort", "score")
    assert page.run(SHOWN)[:4] == [kit.named(number) for number in (42, 7, 23, 31)]
    choose(page, "sort", "version")
    assert page.run(SHOWN)[:2] == [kit.named(42), kit.named(31)]
    assert page.run("document.querySelectorAll('[aria-sort]').length") == 1
    choose(page, "sort", "drift")
    assert page.run(SHOWN)[:4] == [kit.named(number) for number in (7, 23, 31, 42)]


# ---------------------------------------------------------------------------------------------------------- drill-down
def test_the_panel_of_a_host_says_everything(page):
    page.click("#rows tr:nth-child(2) .st")
    page.until(OPEN)
    told = page.run(PANEL)
    for words in (
        kit.named(23), "18789 is held by node (pid 812), not by our job", "127.0.0.1:18789", "moved", "new", "Meaning",
        "Impact", "Diagnosis", "lsof -nP -iTCP:18789", "found: 812\ndeclared: 4711", "Step 4 of the runbook", "waived",
        "ops@example.com",
        "unknown", "That is not a pass", "a laptop until the mini is back", "Passes %d" % (len(kit.OF_HOSTS) - 7),
        "Does not apply 2",
    ):
        assert words in told
    assert page.run("location.hash") == "#host/%s" % kit.named(23)
    page.click("#after")
    page.until("document.getElementById('panel-title').textContent === '%s'" % kit.named(31))
    assert "pending" in page.run(PANEL) and "A deploy would change 2 things here" in page.run(PANEL)
    page.press("Escape")
    page.until("!" + OPEN)
    assert page.run("location.hash") == "#hosts"


def test_the_panel_of_a_check_names_its_hosts(page):
    page.run("location.hash = 'check/OCG-TOKEN-001'")
    page.until(OPEN)
    told = page.run(PANEL)
    assert kit.named(7) in told and "Passes on48 hosts" in told and kit.BY_ID["OCG-TOKEN-001"]["why"] in told


def test_the_panel_of_a_check_about_several_hosts(page):
    page.run("location.hash = 'check/OCG-FLEET-005'")
    page.until(OPEN)
    told = page.run(PANEL)
    assert "several hosts" in told and "have the same Gateway token" in told and "Passes on" not in told


def test_a_link_to_a_host_can_be_sent(browser, report):
    with browser.page(report("morning")) as page:
        page.run("location.hash = 'host/%s'" % kit.named(42))
        page.until(OPEN)
        assert "Operation timed out" in page.run(PANEL)
        page.run("location.hash = 'host/nobody'")
        page.until("!" + OPEN)


def test_the_parts_of_the_page(page):
    parts = page.run("[...document.querySelectorAll('nav a')].map(link => link.hash.slice(1))")
    assert parts == ["hosts", "checks", "fleet", "changes", "plan", "run"]
    for part in parts:
        page.click("nav a[href='#%s']" % part)
        page.until("document.querySelector('nav a[aria-current]').hash === '#%s'" % part)
        visible = "[...document.querySelectorAll('main > section')].filter(s => !s.hidden).map(s => s.id)"
        assert page.run(visible) == [part]
    page.click("nav a[href='#checks']")
    choose(page, "area", "PORT")
    page.until("%s === '4 of %d checks'" % (COUNT, len(kit.CHECKS)))


# ------------------------------------------------------------------------------------------------------------ keyboard
def tab_to(page, words, limit=40):
    for _step in range(limit):
        page.press("Tab")
        if page.run(FOCUS) == words:
            return
    raise AssertionError("%r is not reached" % words)


def test_everything_works_without_a_mouse(page):
    page.press("Tab")
    assert page.run(FOCUS) == "Skip to the hosts"
    tab_to(page, "q")
    page.type("zshrc")
    page.run("new Promise(requestAnimationFrame)")
    assert page.run(COUNT) == "1 of 50 hosts"
    tab_to(page, kit.named(7))
    page.press("Enter")
    page.until(OPEN)
    assert page.run(FOCUS) == "panel-title"
    tab_to(page, "Copy")
    page.press("Enter")
    page.until("document.activeElement.textContent === 'Copied'")
    assert page.run("document.getElementById('told').textContent") == "Command copied"
    page.press("Escape")
    page.until("!" + OPEN)
    assert page.run(FOCUS) == kit.named(7)
    page.run("document.getElementById('q').select()")
    page.paste()
    assert page.run("document.getElementById('q').value") == (
        "ansible-playbook clawops.openclaw.deploy -e target=%s" % kit.named(7))


def test_where_the_keyboard_is_can_be_seen(page):
    for _step in range(12):
        page.press("Tab")
        outline = page.run("(s => s.outlineStyle + ' ' + s.outlineWidth)(getComputedStyle(document.activeElement))")
        kind, width = outline.split()
        assert kind == "solid" and float(width[:-2]) >= 2


# --------------------------------------------------------------------------------------------------------------- theme
def test_the_theme_follows_the_system_until_it_is_chosen(browser, report):
    background = "getComputedStyle(document.body).backgroundColor"
    with browser.page(report("morning"), theme="dark") as page:
        dark = page.run(background)
        page.click("#theme")
        light = page.run(background)
        assert dark != light and page.run("document.getElementById('theme').textContent") == "Dark"
        page.call("Page.reload")
        page.until("document.readyState === 'complete' && document.documentElement.classList.contains('js')")
        assert page.run(background) == light
    with browser.page(report("morning"), theme="light") as page:
        assert page.run(background) == light


# ---------------------------------------------------------------------------------------------------------- big fleets
def test_five_hundred_hosts_do_not_stall(browser, report):
    size = report("big").stat().st_size
    assert size < 3_000_000
    with browser.page(report("big")) as page:
        # Processor time of the page's one thread, which a busy machine does not lengthen: from nothing to a page that
        # answers, then a search.
        page.call("Performance.enable", timeDomain="threadTicks")
        page.call("Page.reload")
        page.until("document.readyState === 'complete' && %s === '500 of 500 hosts'" % COUNT)
        loading = busy(page)
        page.run("(async () => { const q = document.getElementById('q'); q.value = 'token';"
                 " q.dispatchEvent(new Event('input'));"
                 " await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); })()")
        assert page.run(COUNT) == "50 of 500 hosts"
        searching = busy(page) - loading
        print("500 hosts: %d bytes, open after %.2f s, a search %.2f s of processor time" % (size, loading, searching))
        assert 0.05 < loading < 1.5
        assert searching < 0.5


def busy(page):
    """How long the thread of the page has worked since it was measured, in seconds of processor time."""
    told = {item["name"]: item["value"] for item in page.call("Performance.getMetrics")["metrics"]}
    return told["TaskDuration"]
