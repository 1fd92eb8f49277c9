// SPDX-License-Identifier: GPL-3.0-or-later
// node reload_plan.mjs PACKAGE < paths (JSON list): prints, as OpenClaw itself sees it, the kind of reload of each path
// and the prefixes that its rules know; and what the browser plugin, which every Gateway loads, adds to them when it is
// loaded. OpenClaw offers none of it as a command; its bundles carry a digest in their names.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const dist = path.join(process.argv[2], "dist");
const bundle = fs.readdirSync(dist).find((name) => /^config-reload-plan-.*\.m?js$/.test(name));
const exported = Object.values(await import(pathToFileURL(path.join(dist, bundle)).href));
const named = (name) => exported.find((item) => item.name === name);
const kind = named("resolveConfigReloadMetadata");
const paths = JSON.parse(fs.readFileSync(0, "utf8"));
const known = named("listConfigReloadRefinementPrefixes")();
const kinds = Object.fromEntries([...paths, ...known].map((item) => [item, kind(item).kind]));
const source = fs
  .readdirSync(dist)
  .filter((name) => /^plugin-registration-.*\.m?js$/.test(name))
  .map((name) => fs.readFileSync(path.join(dist, name), "utf8"))
  .find((text) => text.includes("const browserPluginReload = "));
const literal = (pattern) => new Function(`return ${pattern.exec(source)[1]}`)();
const browser = literal(/const browserPluginReload = (\{[^}]*\});/);
browser.hotPrefixes.push(...literal(/reload: \{ configPrefixes: (\[[^\]]*\])/));
process.stdout.write(JSON.stringify({ kinds, known, browser }), () => process.exit(0));
