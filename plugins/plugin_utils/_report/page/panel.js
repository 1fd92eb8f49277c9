// SPDX-License-Identifier: GPL-3.0-or-later
// The panel: everything about one host, or about one check.
const panel = byId("panel");
panel.setAttribute("aria-labelledby", "panel-title");
const body = byId("panel-body");
let cameFrom = null;

const UNKNOWN = "It could not be told whether this is as declared. That is not a pass.";

const severityWord = (letter) => ({e: "error", w: "warning", i: "note"})[letter];
const kindOf = (item) => (item.result === "f" ? SEVERITY[item.severity] : RESULT[item.result]);
const badge = (kind, words) => el("span", {"class": `badge ${kind}`}, words);

function pill(state) {
  const [name, words, mark] = STATES[state];
  return el("span", {"class": `pill ${name}`}, el("span", {"aria-hidden": "true"}, mark), ` ${words}`);
}

function facts(rows) {
  const told = rows.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return el("dl", {"class": "facts"}, told.map(([key, value]) =>
    el("div", null, el("dt", null, key), el("dd", null, el("bdi", null, value)))));
}

function meaning(check, diagnosis, open) {
  const rows = [["Meaning", check.why], ["Impact", check.impact], ["Diagnosis", diagnosis]]
    .filter(([, words]) => words);
  if (!rows.length) return null;
  const list = el("dl", {"class": "text"}, rows.map(([key, words]) => [el("dt", null, key), el("dd", null, words)]));
  return open ? list : el("details", null, el("summary", null, "Meaning, impact, diagnosis"), list);
}

function tags(item, about) {
  const kind = kindOf(item);
  return el("p", {"class": "tags"}, badge(kind, item.result === "f" ? severityWord(item.severity) : kind),
    item.fresh ? badge("new", "new") : null,
    item.drift ? badge(DRIFT[item.drift][0], DRIFT[item.drift][1]) : null, about);
}

function repair(item) {
  if (item.result === "w") return [];
  const step = item.result === "f" && item.check.step ? ` Step ${item.check.step} of the runbook.` : "";
  return [item.hint || step ? el("p", null, el("b", null, "Next: "), el("bdi", null, item.hint), step) : null,
    ...item.commands.map(commandBox)];
}

// What "moved" and "pending" mean is said once.
function explained(item, place, found) {
  if (!item.drift || found.findIndex((other) => other.drift === item.drift) !== place) return null;
  return el("p", {"class": "muted"}, DRIFT[item.drift][2]);
}

function hostFinding(item, place, found) {
  return el("li", {"class": `finding ${kindOf(item)}`},
    tags(item, [checkLink(item.check), el("span", {"class": "muted"}, item.check.title)]),
    el("h3", {"class": "message"}, el("bdi", null, item.message)),
    item.path ? el("p", {"class": "where"}, el("bdi", null, item.path)) : null,
    explained(item, place, found),
    item.waiver ? el("p", null, "Waived: ", el("bdi", null, item.waiver)) : null,
    item.result === "u" ? el("p", {"class": "muted"}, UNKNOWN) : null, repair(item),
    meaning(item.check, item.diagnosis, false),
    item.evidence ? el("details", null, el("summary", null, "Evidence"),
      el("pre", {"class": "evidence", tabindex: "0"}, item.evidence)) : null);
}

function listOf(host, letter, title) {
  const found = checks.filter((check) => host.seen[check.number] === letter);
  if (!found.length) return null;
  return el("details", null, el("summary", null, `${title} `, el("span", {"class": "n"}, String(found.length))),
    el("ul", {"class": "passes"}, found.map((check) => el("li", null, checkLink(check), " ", check.title))));
}

function showHost(host) {
  const changes = raw.plan[host.name];
  const failing = host.findings.filter((item) => item.result === "f").length;
  return [pill(host.state), el("h2", {id: "panel-title", tabindex: "-1"}, el("bdi", null, host.name)),
    host.reason ? el("p", null, el("bdi", null, host.reason)) : null,
    facts([["Class", host.kind], ["Environment", host.environment], ["OpenClaw", host.openclaw], ["macOS", host.macos],
      ["Score", host.score === null ? "" : `${host.score} of 100`],
      ["Looked at in", host.ms === null ? "" : `${Math.round(host.ms)} ms`]]),
    changes ? el("p", null, el("a", {href: "#plan"}, `A deploy would change ${plural(changes, "thing")} here`)) : null,
    host.findings.length ? el("ul", {"class": "findings"}, host.findings.map(hostFinding)) : null,
    failing || host.reason || host.state !== 3 ? null
      : el("p", {"class": "muted"}, "Everything that applies to this host is as declared."),
    listOf(host, "p", "Passes"), listOf(host, "n", "Does not apply")];
}

function hostsWith(check, letter) {
  const found = [];
  for (const host of hosts) {
    for (const item of host.findings) if (item.check === check && item.result === letter) found.push([host, item]);
  }
  for (const item of fleet) if (item.check === check && item.result === letter) found.push([null, item]);
  return found;
}

function checkGroup(check, letter, title) {
  const found = hostsWith(check, letter);
  if (!found.length) return [];
  return [el("h3", null, `${title} `, el("span", {"class": "n"}, String(found.length))),
    el("ul", {"class": "findings"}, found.slice(0, 100).map(([host, item]) => el("li",
      {"class": `finding ${kindOf(item)}`}, tags(item, host ? hostLink(host) : "several hosts"),
      el("p", {"class": "message"}, el("bdi", null, item.message)),
      item.path ? el("p", {"class": "where"}, el("bdi", null, item.path)) : null,
      item.waiver ? el("p", null, "Waived: ", el("bdi", null, item.waiver)) : null, repair(item)))),
    found.length > 100 ? el("p", {"class": "muted"}, `${found.length - 100} more: search the hosts for this check.`)
      : null];
}

function showCheck(check) {
  const passing = hosts.filter((host) => host.seen[check.number] === "p").length;
  return [badge(SEVERITY[check.severity], severityWord(check.severity)),
    el("h2", {id: "panel-title", tabindex: "-1"}, check.title),
    facts([["Check", check.id], ["Layer", check.layer], ["Runbook step", check.step ? String(check.step) : ""],
      ["Passes on", hosts.some((host) => host.seen[check.number] !== " ") ? plural(passing, "host") : ""]]),
    meaning(check, check.diagnosis, true),
    checkGroup(check, "f", "Fails"), checkGroup(check, "u", "Unknown"), checkGroup(check, "w", "Waived")];
}

// Kind -> [all of them, their names, what shows one, the rows they are in, what a row calls them].
const KINDS = {
  host: [hosts, (host) => host.name, showHost, "rows", "i"],
  check: [checks, (check) => check.id, showCheck, "check-rows", "c"],
};
let shownNow = null;

function openPanel(kind, thing) {
  const [, , show] = KINDS[kind];
  if (!panel.open) cameFrom = document.activeElement;
  shownNow = [kind, thing];
  body.replaceChildren(...show(thing).flat(Infinity).filter(Boolean));
  byId("before").disabled = !beside(-1);
  byId("after").disabled = !beside(1);
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  byId("panel-title").focus();
}

function beside(step) {
  const [kind, thing] = shownNow;
  const [all, , , rows, key] = KINDS[kind];
  const order = [...byId(rows).rows].filter((row) => !row.hidden).map((row) => Number(row.dataset[key]));
  const place = order.indexOf(thing.number);
  return place < 0 ? null : all[order[place + step]];
}

function step(way) {
  const next = beside(way);
  if (next) go(shownNow[0], next);
}

function go(kind, thing) {
  location.hash = `${kind}/${encodeURIComponent(KINDS[kind][1](thing))}`;
}
