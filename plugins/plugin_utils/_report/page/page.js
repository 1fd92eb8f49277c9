// SPDX-License-Identifier: GPL-3.0-or-later
// Filters, sorting, parts of the page, and the theme.
document.documentElement.classList.add("js");
const rows = [...byId("rows").rows];
const checkRows = [...byId("check-rows").rows];
const tools = byId("tools");
const picked = new Set();

// ----------------------------------------------------------------------------------------------------------- filtering
const words = (thing, make) => thing.words || (thing.words = make().join("\n").toLowerCase());
const hostWords = (host) => words(host, () =>
  [host.name, host.kind, host.environment, host.reason, host.openclaw, host.macos, STATES[host.state][1]]);
const findingWords = (item) => words(item, () =>
  [item.check.id, item.check.title, item.message, item.path, item.hint]);
const checkWords = (check) => words(check, () => [check.id, check.title, check.area, check.why]);

// What a finding must be for each choice of the list "Findings".
const WANTED = {
  fe: (item) => item.result === "f" && item.severity === "e",
  fw: (item) => item.result === "f" && item.severity === "w",
  fi: (item) => item.result === "f" && item.severity === "i",
  u: (item) => item.result === "u", w: (item) => item.result === "w",
  c: (item) => item.drift === "c", p: (item) => item.drift === "p", "new": (item) => item.fresh,
};

function hostFits(host, want) {
  if (picked.size && !picked.has(host.state)) return false;
  const known = want.terms.filter((term) => !hostWords(host).includes(term));
  if (!known.length && !want.kind && !want.area) return true;
  return host.findings.some((item) => (!want.kind || WANTED[want.kind](item))
    && (!want.area || item.check.area === want.area)
    && known.every((term) => findingWords(item).includes(term)));
}

function checkFits(check, want) {
  if (want.area && check.area !== want.area) return false;
  if (!want.terms.every((term) => checkWords(check).includes(term))) return false;
  if (!want.kind) return true;
  const wanted = (item) => item.check === check && WANTED[want.kind](item);
  return fleet.some(wanted) || hosts.some((host) => host.findings.some(wanted));
}

function filter() {
  const terms = byId("q").value.toLowerCase().split(/\s+/).filter(Boolean);
  const want = {terms, kind: byId("kind").value, area: byId("area").value};
  let shownHosts = 0, shownChecks = 0;
  for (const row of rows) {
    row.hidden = !hostFits(hosts[row.dataset.i], want);
    shownHosts += !row.hidden;
  }
  for (const row of checkRows) {
    row.hidden = !checkFits(checks[row.dataset.c], want);
    shownChecks += !row.hidden;
  }
  const [hostsNone, checksNone] = [byId("hosts"), byId("checks")].map((part) => part.querySelector(".none-found"));
  hostsNone.hidden = shownHosts > 0;
  checksNone.hidden = shownChecks > 0;
  const [shown, all] = part === "checks" ? [shownChecks, plural(checks.length, "check")]
    : [shownHosts, plural(hosts.length, "host")];
  byId("count").textContent = `${shown} of ${all}`;
}

// ------------------------------------------------------------------------------------------------------------- sorting
const natural = new Intl.Collator("en", {numeric: true}).compare;
const ORDERS = {
  drift: (a, b) => a.number - b.number, name: (a, b) => natural(a.name, b.name),
  score: (a, b) => (a.score ?? -1) - (b.score ?? -1) || a.number - b.number,
  version: (a, b) => natural(a.openclaw, b.openclaw) || a.number - b.number,
};
let sorted = ["drift", 1];

function sort(by, way) {
  sorted = [by, way];
  byId("sort").value = by;
  rows.sort((a, b) => way * ORDERS[by](hosts[a.dataset.i], hosts[b.dataset.i]));
  byId("rows").append(...rows);
  for (const head of document.querySelectorAll("th[data-sort]")) {
    if (head.dataset.sort === by) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
}

for (const head of document.querySelectorAll("th[data-sort]")) {
  const button = el("button", {type: "button"}, head.textContent);
  head.replaceChildren(button);
  button.addEventListener("click", () => sort(head.dataset.sort, sorted[0] === head.dataset.sort ? -sorted[1] : 1));
}

// ----------------------------------------------------------------------------------------------------------- the parts
const PARTS = [...document.querySelectorAll("main > section")].map((section) => section.id);
let part = "hosts";

function showPart(name) {
  part = name;
  for (const other of PARTS) byId(other).hidden = other !== name;
  tools.hidden = name !== "hosts" && name !== "checks";
  tools.querySelector(".sort").hidden = name !== "hosts";
  for (const link of document.querySelectorAll("nav a")) {
    link.removeAttribute("aria-current");
    if (link.hash !== `#${name}`) continue;
    link.setAttribute("aria-current", "page");
    // On a narrow page the row of parts can be pushed: what is shown is in sight.
    link.closest("ul").scrollLeft = link.offsetLeft - 40;
  }
  filter();
}

// The address says what is shown: a part, a host or a check; so it can be sent to somebody, and Back works.
function follow() {
  const [, kind, name] = location.hash.match(/^#([a-z]+)(?:\/(.*))?$/) || [];
  if (name !== undefined && KINDS[kind]) {
    const wanted = decodeURIComponent(name);
    const thing = KINDS[kind][0].find((other) => KINDS[kind][1](other) === wanted);
    if (thing) {
      openPanel(kind, thing);
      return;
    }
  }
  if (panel.open) panel.close();
  showPart(PARTS.includes(kind) ? kind : part);
}

panel.addEventListener("close", () => {
  if (/^#(host|check)\//.test(location.hash)) history.replaceState(null, "", `#${part}`);
  if (cameFrom && cameFrom.isConnected) cameFrom.focus();
});
panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
byId("close").addEventListener("click", () => panel.close());
byId("before").addEventListener("click", () => step(-1));
byId("after").addEventListener("click", () => step(1));

// A row is as good as its link; the marks of the head are for the mouse, the links are for all.
for (const [table, key, kind] of [["rows", "i", "host"], ["check-rows", "c", "check"]]) {
  byId(table).addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row || event.target.closest("a") || String(getSelection())) return;
    row.querySelector("a").focus();
    go(kind, KINDS[kind][0][row.dataset[key]]);
  });
}
document.querySelector(".strip").addEventListener("click", (event) => {
  if (event.target.dataset.i) go("host", hosts[event.target.dataset.i]);
});

// ------------------------------------------------------------------------------------------------------------ controls
const legend = byId("legend");
const present = STATES.map((state, number) => [state, number, hosts.filter((host) => host.state === number).length])
  .filter(([, , count]) => count);
legend.setAttribute("aria-label", "Filter hosts by state");
legend.replaceChildren(...present.map(([[name, said, mark], number, count]) => {
  const button = el("button", {type: "button", "aria-pressed": "false"},
    el("span", {"class": `mark ${name}`, "aria-hidden": "true"}, mark),
    el("span", null, el("b", null, String(count)), ` ${said}`));
  button.addEventListener("click", () => {
    if (picked.has(number)) picked.delete(number);
    else picked.add(number);
    button.setAttribute("aria-pressed", String(picked.has(number)));
    if (part !== "hosts") location.hash = "hosts";
    filter();
  });
  return el("li", null, button);
}));

let waiting = 0;
byId("q").addEventListener("input", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(filter);
});
byId("kind").addEventListener("change", filter);
byId("area").addEventListener("change", filter);
byId("sort").addEventListener("change", (event) => sort(event.target.value, 1));
tools.addEventListener("submit", (event) => event.preventDefault());
tools.addEventListener("reset", () => {
  picked.clear();
  for (const button of legend.querySelectorAll("button")) button.setAttribute("aria-pressed", "false");
  setTimeout(() => { sort("drift", 1); filter(); });
});
if (!raw.compared) byId("kind").querySelector("[value=new]").remove();
for (const box of document.querySelectorAll("main .cmd")) box.append(copyButton(box.querySelector("code").textContent));

const theme = byId("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
// Some browsers give a file no storage; then the choice lasts as long as the page.
function kept(value) {
  try {
    if (value) localStorage.setItem("openclaw-drift-theme", value);
    return localStorage.getItem("openclaw-drift-theme");
  } catch {
    return value;
  }
}
function paint(choice) {
  if (choice) document.documentElement.dataset.theme = choice;
  const now = choice || (dark.matches ? "dark" : "light");
  theme.textContent = now === "dark" ? "Light" : "Dark";
  theme.setAttribute("aria-label", `${theme.textContent} theme`);
  return now;
}
let now = paint(kept());
theme.hidden = false;
theme.addEventListener("click", () => {
  const other = now === "dark" ? "light" : "dark";
  kept(other);
  now = paint(other);
});
dark.addEventListener("change", () => { now = paint(kept()); });

tools.hidden = false;
sort("drift", 1);
showPart("hosts");
follow();
addEventListener("hashchange", follow);
