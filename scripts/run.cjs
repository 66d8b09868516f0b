// Runs a verb: `node scripts/run.cjs <verb> [arguments…]` runs scripts/<verb>.ts, in this very process.
// It installs what is missing first, so that a fresh clone needs nothing but Node.
'use strict';

const { spawnSync } = require('node:child_process');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const OLDEST_NODE = [20, 19];

refuseOldNode();
const verb = knownVerb(process.argv[2]);
if (!isInstalled()) install();
reachOurselvesDirectly();
require('tsx/cjs');
// The script sees its own name and arguments, as if it had been started directly.
process.argv.splice(1, 2, join(__dirname, `${verb}.ts`));
require(process.argv[1]);

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(1, `Millwright needs Node ${OLDEST_NODE.join('.')} or newer; this is Node ${process.versions.node}.`);
}

function knownVerb(word) {
  const files = readdirSync(__dirname).filter((file) => file.endsWith('.ts'));
  const verbs = files.map((file) => file.slice(0, -'.ts'.length)).sort();
  if (verbs.includes(word)) return word;
  const complaint = word === undefined ? 'Which verb?' : `There is no verb "${word}".`;
  return fail(2, `${complaint} Known: ${verbs.join(', ')}.`);
}

/** Whether node_modules holds what package-lock.json says, by npm's own record of what it installed. */
function isInstalled() {
  const wanted = packagesIn('package-lock.json');
  const present = packagesIn('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  return Object.keys(wanted).every((name) => {
    if (name === '') return true; // the project itself
    const [expected, found] = [wanted[name], present[name]];
    if (found === undefined) return expected.optional === true; // for another platform
    return found.version === expected.version && found.integrity === expected.integrity;
  });
}

function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  console.error('Installing dependencies (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  if (npm.status === 0) return;
  const said = [npm.stdout, npm.stderr, npm.error?.message].filter(Boolean).join('\n').trim();
  fail(1, `${said}\n\nInstalling dependencies failed (npm ci, ${npm.signal ?? `exit ${npm.status}`}).`);
}

/** Behind a proxy, gRPC would ask the proxy for this very machine too; it looks at the lower-case variable only. */
function reachOurselvesDirectly() {
  const { no_proxy: direct = process.env.NO_PROXY } = process.env;
  process.env.no_proxy = [direct, 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
}

function fail(exitCode, message) {
  console.error(message);
  process.exit(exitCode);
}
