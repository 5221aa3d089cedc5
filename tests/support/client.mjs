// The official JavaScript client, driven over standard input and output in lines of JSON.
//
//   node client.mjs FOLDER       FOLDER holds node_modules with socket.io-client in it
//
// in   {"do": "meet", "room": R, "count": N, "total": T, "clients": [{url, token, transports?}]}
//      each joins the room, says N messages, and waits until it has been told T
// out  {"joined": [transport, ...]} once all have joined, then, after a line {"do": "talk"},
//      {"told": [[[seq, text], ...], ...], "transports": [...]}
// in   {"do": "knock", "url": U, "token": T}       connects once
// out  {"refused": message, "data": {...}} or {"admitted": true}
// in   {"do": "stay", "url": U, "token": T, ...}   connects, and comes back whenever it can
// out  {"connected": transport, "recovered": boolean} each time, {"lost": reason, "active": boolean}
//      each time, and for each line {"name": N, "body": B, "wait": milliseconds}
//      {"answer": A} or {"late": message}, until a line {}

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { io } = createRequire(`${process.argv[2]}/package.json`)("socket.io-client");

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function open({ url, token, transports, ca, reconnection }) {
  return io(url, {
    auth: { token },
    transports: transports ?? ["websocket"],
    forceNew: true,
    reconnection: reconnection ?? false,
    reconnectionDelay: 20,
    ca,
  });
}

async function ask(socket, name, body) {
  const answer = await socket.timeout(15_000).emitWithAck(name, body);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code}`);
  return answer.data;
}

async function arrive(client, room, total) {
  const socket = open(client);
  const told = [];
  const everything = new Promise((resolve, reject) => {
    socket.on("message:new", (message) => {
      told.push([message.seq, message.text]);
      if (told.length === total) resolve();
    });
    socket.on("connect_error", reject);
    socket.on("disconnect", (reason) => reject(new Error(`disconnected: ${reason}`)));
  });
  await Promise.race([new Promise((resolve) => socket.on("connect", resolve)), everything]);
  await ask(socket, "room:join", { room, agree: true });
  return { socket, told, everything };
}

async function talk({ socket, everything }, room, number, count) {
  for (let i = 0; i < count; i += 1) {
    const key = crypto.randomUUID();
    await ask(socket, "message:send", { room, key, text: `js${number}:${i}` });
  }
  await everything;
}

const transports = (all) => all.map(({ socket }) => socket.io.engine.transport.name);

async function meet({ room, count, total, clients }, lines) {
  const all = await Promise.all(clients.map((client) => arrive(client, room, total)));
  say({ joined: transports(all) });
  await lines.next();
  await Promise.all(all.map((one, number) => talk(one, room, number, count)));
  say({ told: all.map(({ told }) => told), transports: transports(all) });
  for (const { socket } of all) socket.removeAllListeners().disconnect();
}

async function knock(client) {
  const socket = open(client);
  say(
    await new Promise((resolve) => {
      socket.on("connect", () => resolve({ admitted: true }));
      socket.on("connect_error", ({ message, data }) => resolve({ refused: message, data }));
    }),
  );
  socket.disconnect();
}

async function stay(client, lines) {
  const socket = open({ reconnection: true, ...client });
  socket.on("connect", () =>
    say({ connected: socket.io.engine.transport.name, recovered: Boolean(socket.recovered) }),
  );
  socket.on("disconnect", (reason) => say({ lost: reason, active: socket.active }));
  for (;;) {
    const { name, body, wait } = JSON.parse((await lines.next()).value);
    if (!name) break;
    const answer = socket.timeout(wait).emitWithAck(name, body);
    say(await answer.then((answer) => ({ answer }), ({ message }) => ({ late: message })));
  }
  socket.removeAllListeners().disconnect();
}

const wishes = { meet, knock, stay };
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const wish = JSON.parse(line);
  await wishes[wish.do](wish, lines);
}
