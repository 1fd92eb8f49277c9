// Copyright: (c) clawops.openclaw maintainers
// GNU General Public License v3.0-or-later (see LICENSES/GPL-3.0-or-later.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Holds an authenticated connection to a Gateway, as a client would, and takes it up again as soon as it can. Says a JSON
// line for each change: when (milliseconds), whether it is connected, and to which release. Token in TOKEN, port in PORT.
const { TOKEN: token, PORT: port } = process.env;
let connected = false;

function tell(now, version) {
  if (now === connected) return;
  connected = now;
  process.stdout.write(`${JSON.stringify({ at: Date.now(), connected, version })}\n`);
}

function connect() {
  const line = new WebSocket(`ws://127.0.0.1:${port}/`);
  line.onmessage = ({ data }) => {
    const said = JSON.parse(data);
    if (said.event === "connect.challenge") line.send(JSON.stringify({ type: "req", id: "1", method: "connect", params: {
      minProtocol: 3, maxProtocol: 4, role: "operator", scopes: ["operator.read"], caps: [], auth: { token },
      client: { id: "gateway-client", version: "0.0.1", platform: "darwin", mode: "backend" },
    } }));
    if (said.type !== "res") return;
    if (said.ok) tell(true, said.payload.server.version);
    else line.close();
  };
  line.onerror = () => {};
  line.onclose = () => {
    tell(false);
    setTimeout(connect, 50);
  };
}

connect();
