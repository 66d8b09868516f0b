// Runs inside the sandbox: lets the installer reach the gateway's socket as an address, and hands over the folders that it filled.
import { spawn } from 'node:child_process';
import {
  createReadStream,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';

const REPORT = 3;
const { socket, gateway, files, commands, environment, folders, named, outputs, skipped } = JSON.parse(
  process.env.MILLWRIGHT_INSTALL,
);
delete process.env.MILLWRIGHT_INSTALL;

const server = createServer((client) => {
  const way = connect(socket);
  client.pipe(way).pipe(client);
  client.on('error', () => way.destroy());
  way.on('error', () => client.destroy());
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const here = `http://127.0.0.1:${server.address().port}/`;
const known = (text) => text.replaceAll(gateway, here);

for (const file of files) writeFileSync(file, known(readFileSync(file, 'utf8')));
for (const { command, mayFail } of commands) {
  const [program, ...args] = command.map(known);
  const code = await new Promise((ended) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    });
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      ended(127);
    });
    child.on('close', (exitCode) => ended(exitCode ?? 1));
  });
  if (code !== 0 && !mayFail) process.exit(code);
}
server.close();

let count = 0;
for (const folder of [...folders, ...found('.', named)]) await pack(folder);
for (const file of outputs) await packOne(file);
write(`${JSON.stringify({ end: count })}\n`);
process.exit(0);

/** Folders of this name, wherever they are, but for those in one another. */
function found(folder, name) {
  if (!name) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const at = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      return entry.name === name ? [at] : found(at, name);
    });
}

async function pack(at) {
  for (const name of readdirSync(at).sort()) {
    if (skipped.includes(name)) continue;
    await packOne(`${at}/${name}`);
  }
}

async function packOne(path) {
  const stats = lstatSync(path);
  if (stats.isDirectory()) await pack(path);
  else if (stats.isSymbolicLink()) entry({ path, link: readlinkSync(path) });
  else if (stats.isFile()) {
    entry({ path, bytes: stats.size, executable: (stats.mode & 0o100) !== 0 });
    let left = stats.size;
    for await (const chunk of createReadStream(path)) {
      left -= chunk.length;
      write(chunk);
    }
    if (left !== 0) throw new Error(`${path} changes while it is read`);
  }
}

function entry(header) {
  count += 1;
  write(`${JSON.stringify(header)}\n`);
}

function write(content) {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(REPORT, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
