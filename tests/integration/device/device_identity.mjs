// Copyright: (c) clawops.openclaw maintainers
// GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 identities of devices for the tests: makes one, or signs with one. One JSON document in and out on each line.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createInterface } from "node:readline";

createInterface({ input: process.stdin }).on("line", (line) => {
  const wanted = JSON.parse(line);
  const key = wanted.pem ? createPrivateKey(wanted.pem) : generateKeyPairSync("ed25519").privateKey;
  const raw = createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-32);
  process.stdout.write(JSON.stringify({
    pem: key.export({ type: "pkcs8", format: "pem" }),
    id: createHash("sha256").update(raw).digest("hex"),
    publicKey: raw.toString("base64url"),
    signature: sign(null, Buffer.from(wanted.payload ?? ""), key).toString("base64url"),
  }) + "\n");
});
