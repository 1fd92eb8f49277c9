// SPDX-License-Identifier: GPL-3.0-or-later
// What the page carries, made readable; and small helpers. Text only ever becomes a text node.
const raw = JSON.parse(document.getElementById("data").textContent);
const text = (place) => raw.texts[place];
const STATES = [["drift", "drifted", "!"], ["unreachable", "unreachable", "\u00d7"], ["unknown", "could not tell", "?"],
  ["clean", "as declared", "\u2713"]];
const SEVERITY = {e: "error", w: "warning", i: "info"};
const RESULT = {f: "fail", u: "unknown", w: "waived"};
const DRIFT = {c: ["corrective", "moved", "Was as declared in an earlier run, and is not any more."],
  p: ["pending", "pending", "The declaration changed, and was not deployed yet."]};

const checks = raw.checks.map(([severity, step, id, title, area, layer, why, impact, diagnosis], number) => ({
  number, severity, step, id: text(id), title: text(title), area: text(area), layer: text(layer), why: text(why),
  impact: text(impact), diagnosis: text(diagnosis),
}));

const finding = ([check, result, severity, drift, fresh, message, path, hint, diagnosis, evidence, waiver,
  commands]) => ({
  check: checks[check], result, severity, drift, fresh: Boolean(fresh), message: text(message), path: text(path),
  hint: text(hint), diagnosis: text(diagnosis), evidence: text(evidence), waiver: text(waiver),
  commands: commands.map(text),
});

const hostOf = (number, state, score, ms, name, kind, environment, reason, openclaw, macos, found, seen) => ({
  number, state, score, ms, name: text(name), kind: text(kind), environment: text(environment), reason: text(reason),
  openclaw: text(openclaw), macos: text(macos), findings: found.map(finding), seen,
});
const hosts = raw.hosts.map((row, number) => hostOf(number, ...row));

const fleet = raw.fleet.map(finding);
const byId = (id) => document.getElementById(id);

// el("a", {href: "#x"}, "text", node, ...): an element; null and "" are left out.
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
const hostLink = (host) => el("a", {href: `#host/${encodeURIComponent(host.name)}`}, el("bdi", null, host.name));
const checkLink = (check) => el("a", {href: `#check/${encodeURIComponent(check.id)}`}, check.id);
const tell = (words) => { byId("told").textContent = words; };

// A file opened from disk may not use the clipboard in every browser; the old way works in all.
async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const area = el("textarea", {"class": "vh", "aria-hidden": "true"});
    area.value = words;
    const held = document.activeElement;
    (held.closest("dialog") || document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    held.focus();
    return done;
  }
}

function copyButton(words) {
  const button = el("button", {type: "button", "class": "ghost copy"}, "Copy");
  button.setAttribute("aria-label", `Copy command: ${words.slice(0, 80)}`);
  button.addEventListener("click", async () => {
    const done = await copy(words);
    button.textContent = done ? "Copied" : "Select it";
    tell(done ? "Command copied" : "The browser refused to copy; select the command instead");
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
  return button;
}

const commandBox = (words) =>
  el("div", {"class": "cmd"}, el("pre", {tabindex: "0"}, el("code", null, words)), copyButton(words));
