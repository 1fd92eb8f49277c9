// Copyright: (c) clawops.openclaw maintainers
// GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// What `openclaw gateway restart` does once it is sure whose Gateway it is, which it cannot be on a simulated Mac: write
// the property list anew by its own policy, and load it again when that changed it.
import {execFileSync} from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const [dist, label] = process.argv.slice(2);
const named = (name) => new RegExp(`export .*\\b${name}(?: as (\\w+))?`);
const wanted = named("rewriteLaunchAgentPlistForRestart");
const file = fs.readdirSync(dist)
  .filter((name) => /^launchd-.*\.m?js$/.test(name))
  .map((name) => path.join(dist, name))
  .find((name) => wanted.test(fs.readFileSync(name, "utf8")));
const found = wanted.exec(fs.readFileSync(file, "utf8"));
const module = await import(file);
const plistPath = `${process.env.HOME}/Library/LaunchAgents/${label}.plist`;
const rewrite = module[found[1] ?? "rewriteLaunchAgentPlistForRestart"];
const rewritten = await rewrite({env: process.env, label, plistPath, warn: console.error});
const domain = `gui/${process.getuid()}`;
const launchctl = (...words) => execFileSync("/bin/launchctl", words, {stdio: "ignore"});
if (rewritten) {
  launchctl("bootout", `${domain}/${label}`);
  for (let left = 60; left; left -= 1) {
    try {
      launchctl("bootstrap", domain, plistPath);
      break;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
} else {
  launchctl("kickstart", "-k", `${domain}/${label}`);
}
console.log(JSON.stringify({rewritten}));
