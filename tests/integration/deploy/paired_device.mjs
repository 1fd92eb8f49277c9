// Copyright: (c) clawops.openclaw maintainers
// GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// A device that connects over loopback, where a Gateway pairs it without asking, and says its id. The Gateway's token
// comes in TOKEN, its port in PORT.
import { createHash, generateKeyPairSync, sign } from "node:crypto";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
const id = createHash("sha256").update(raw).digest("hex");
const { TOKEN: token, PORT: port } = process.env;
const line = new WebSocket(`ws://127.0.0.1:${port}/`);

function introduce({ nonce, ts }) {
  const text = ["v3", id, "cli", "cli", "operator", "operator.read", ts, token, nonce, "linux", ""].join("|");
  const signature = sign(null, Buffer.from(text), privateKey).toString("base64url");
  line.send(JSON.stringify({ type: "req", id: "1", method: "connect", params: {
    minProtocol: 3, maxProtocol: 4, client: { id: "cli", version: "0.0.1", platform: "linux", mode: "cli" },
    role: "operator", scopes: ["operator.read"], caps: [], auth: { token },
    device: { id, publicKey: raw.toString("base64url"), signature, signedAt: ts, nonce },
  } }));
}

line.onmessage = ({ data }) => {
  const said = JSON.parse(data);
  if (said.event === "connect.challenge") introduce(said.payload);
  if (said.type !== "res") return;
  process.stdout.write(said.ok ? id : `${data}\n`);
  process.exitCode = said.ok ? 0 : 1;
  line.close();
};
