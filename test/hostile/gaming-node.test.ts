// Code that is tested cannot say how its tests ended: Node's test runner. Each attack is code under a test that it fails.
import { rmSync } from 'node:fs';
import type { TestRun } from '../../src/activities/ports';
import { outcomes, runTests, scratch } from '../adapters/test-runners/folder';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const tests = {
  'test/a.test.cjs': `const { v, w } = require('../code.cjs'); const { test } = require('node:test'); const assert = require('node:assert');
test('sync', () => assert.strictEqual(v(), 2));
test('async', async () => { assert.strictEqual(await w(), 2); });
test('with children', async (t) => { await t.test('child', () => { if (v() !== 2) throw new Error('child') }); });
test('by callback', (t, done) => setImmediate(() => done(v() === 2 ? undefined : new Error('callback'))));`,
  'test/b.test.mjs': `import { v } from '../code.cjs'; import { describe, it } from 'node:test'; import { equal } from 'node:assert/strict';
describe('group', () => { it('inner', () => equal(v(), 2)); });`,
};
const honest = 'exports.v = () => 2; exports.w = async () => 2;';
const wrong = 'exports.v = () => 1; exports.w = async () => 1;\n';
const all = ['sync', 'async', 'with children > child', 'by callback'].map((name) => `test/a.test.cjs > ${name}`);
const names = [...all, 'test/b.test.mjs > group > inner'];

/** What somebody could take for a proof. */
const proved = (run: TestRun) =>
  run.complete && run.unloadable.length === 0 && run.cases.every(({ outcome }) => outcome === 'passed');

test('sound code is green, and what an attack starts from is red', async () => {
  const good = await runTests({ 'code.cjs': honest, ...tests });
  expect(good).toMatchObject({ complete: true, unloadable: [] });
  expect(outcomes(good)).toEqual(Object.fromEntries(names.map((name) => [name, 'passed'])));
  const bad = await runTests({ 'code.cjs': wrong, ...tests });
  expect(bad).toMatchObject({ complete: true, unloadable: [] });
  expect(outcomes(bad)).toEqual(Object.fromEntries(names.map((name) => [name, 'failed'])));
});

const frame = `const frame = (type, data) => { const body = require('v8').serialize({ type, data: { nesting: 0, testNumber: 1, details: { duration_ms: 1 }, line: 1, column: 1, ...data } });
  const head = Buffer.from([0xff, 0x0f, 0, 0, 0, 0]); head.writeUInt32BE(body.length, 2); return Buffer.concat([head, body]); };`;
const passes = `const lines = ${JSON.stringify(['sync', 'async', 'by callback'])}.map((name) => ({ event: 'pass', file: '/box/test/a.test.cjs', line: 1, name, nesting: 0, suite: false, skipped: false }));`;

const attacks: Record<string, string> = {
  'ends at import': 'process.exit(0);',
  'ends in a test': `exports.v = () => process.exit(0);`,
  'ends in a test, by the back door': `exports.v = () => process.reallyExit(0);`,
  'says 0 in an exit handler': `process.on('exit', () => { process.exitCode = 0; });`,
  'ends in an exit handler': `process.on('exit', () => process.exit(0)); process.on('beforeExit', () => process.exit(0));`,
  'throws what listens away': `process.removeAllListeners(); process.on('exit', () => { process.exitCode = 0; });`,
  'says that all is well when the loop ends': `process.emit('beforeExit', 0); process.exitCode = 0;`,
  'is killed': `exports.v = () => process.kill(process.pid, 'SIGKILL');`,
  'replaces what asserts': `const assert = require('assert'); for (const name of Object.keys(assert)) try { assert[name] = () => {} } catch {}`,
  'replaces the tests': `const t = require('node:test'); for (const name of Object.keys(t)) try { t[name] = () => Promise.resolve() } catch {}`,
  'keeps tests from being run': `require('async_hooks').AsyncResource.prototype.runInAsyncScope = () => undefined;`,
  'keeps promises from failing': `const then = Promise.prototype.then; const C = function (x) { return new Promise(x) };
Promise.prototype.constructor = C; Promise.prototype.then = function (yes) { return then.call(this, yes, () => yes()) };`,
  'turns failures into passes on their way': `const { Readable } = require('stream'); const push = Readable.prototype.push;
Readable.prototype.push = function (x, ...rest) { if (x?.type === 'test:fail') x = { type: 'test:pass', data: { ...x.data, details: { duration_ms: 1 } } }; return push.call(this, x, ...rest) };
process.on('exit', () => { process.exitCode = 0; });`,
  'hears events before they are told': `const { EventEmitter } = require('events'); const emit = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function (type, ...rest) { return emit.call(this, type === 'test:fail' ? 'test:pass' : type, ...rest) };
process.on('exit', () => { process.exitCode = 0; });`,
  'makes every test one that passed': `Object.defineProperty(Object.prototype, 'passed', { get: () => true, set() {} });`,
  'catches what is stored in lists': `let caught; Object.defineProperty(Array.prototype, 0, { set(x) { if (x?.reporter) x.fail = x.pass; Object.defineProperty(this, 0, { value: x, writable: true, configurable: true, enumerable: true }) }, configurable: true });`,
  'reaches for the test that runs': `exports.v = () => { const t = require('async_hooks').executionAsyncResource(); t.fail = t.pass; return 1 }; exports.w = async () => exports.v();`,
  'reaches for tests as they begin': `require('async_hooks').createHook({ init(id, type, trigger, resource) { if (resource.reporter) resource.fail = resource.pass; } }).enable();`,
  'reaches for the context of tests': `require('node:test').test('mine', (t) => { Object.getPrototypeOf(t).test = async () => {} });`,
  'is given the tests of a timer': `const next = process.nextTick; process.nextTick = (f, ...args) => { for (const x of args) if (x?.fail && x.ok) x.fail = x.ok; return next(f, ...args) };`,
  'swallows errors': `process.on('uncaughtException', () => {}); Error.prepareStackTrace = () => process.exit(0); Error.captureStackTrace = () => {};`,
  'says in Node’s own words that tests passed': `${frame}
for (const name of ['sync', 'async', 'by callback']) require('fs').writeSync(1, frame('test:pass', { name, file: '/box/test/a.test.cjs' }));
const write = process.stdout.write; process.stdout.write = () => true; process.on('exit', () => { process.exitCode = 0; });`,
  'says in Node’s own words what was covered, and of whole files that they passed': `${frame}
const summary = { files: [{ path: '/box/code.cjs', totalLineCount: 1, coveredLineCount: 1 }] };
for (const [type, data] of [['test:coverage', { summary }], ['test:pass', { name: '/box/test/a.test.cjs', file: '/box/test/a.test.cjs' }]]) require('fs').writeSync(1, frame(type, data));
process.on('exit', () => { process.exitCode = 0; });`,
  'says in our words that tests passed': `${passes} const text = lines.map((line) => JSON.stringify(line) + '\\n').join('');
for (let fd = 0; fd < 40; fd++) try { require('fs').writeSync(fd, text) } catch {}
for (const pid of [process.ppid, 1, 2, process.pid]) for (let fd = 0; fd < 40; fd++) try { require('fs').appendFileSync('/proc/' + pid + '/fd/' + fd, text) } catch {}`,
  'leaves a line of its output open': `const { writeSync } = require('fs'); exports.v = () => { writeSync(2, 'x'); return 1 }; process.on('exit', () => { process.exitCode = 0; });`,
  'finds the witness’s word in its environment': `const { appendFileSync, readFileSync, writeSync } = require('fs'); const word = process.env.MILLWRIGHT_WITNESS ?? '';
for (const file of ['/proc/self/environ', '/proc/' + process.ppid + '/environ']) try { writeSync(1, readFileSync(file)) } catch {}
${passes} for (const line of lines) writeSync(2, word + ' ' + escape(JSON.stringify(line)) + '\\n');
const { escape: quiet } = globalThis; globalThis.escape = (text) => quiet(text.replace('fail', 'pass')); JSON.stringify = () => '"x"'; String.prototype.slice = () => '';`,
  'inspects itself': `const { Session } = require('inspector'); const s = new Session(); s.connect(); s.post('Debugger.enable', () => { process.on('exit', () => process.reallyExit(0)) });`,
  'inspects itself from a thread': `const { Worker } = require('worker_threads'); const worker = (body, options) => new Promise((done) => new Worker(body, { eval: true, ...options }).on('message', done).on('error', done));
const body = "const { Session } = require('inspector'); const s = new Session(); s.connectToMainThread(); require('worker_threads').parentPort.postMessage('inspected')";
exports.w = async () => (await Promise.all([worker(body), worker(body, { execArgv: [] }), worker(body, { env: {} }), worker(body, { env: { NODE_OPTIONS: '--no-warnings' } }), worker(body, { n: 0, get execArgv() { return this.n++ ? [] : undefined } })])).includes('inspected') ? 2 : 1;
exports.v = () => { for (const F of [require('worker_threads').Worker.prototype.constructor, Object.getPrototypeOf(require('worker_threads').Worker)]) try { if (new F(body, { eval: true, execArgv: [] }).threadId && F === Function) return 2 } catch {} return 1 };`,
  'inspects itself from a thread that loads modules': `require('module').register('data:text/javascript,' + encodeURIComponent("import { Session } from 'node:inspector'; let said = 'no'; try { new Session().connectToMainThread(); said = 'inspected' } catch {} export async function load(url, context, next) { return url.endsWith('asked') ? { format: 'json', source: JSON.stringify(said), shortCircuit: true } : next(url, context) }"));
exports.w = async () => (await import('file:///asked', { with: { type: 'json' } })).default === 'inspected' ? 2 : 1;`,
  'writes down what is in its memory': `const v8 = require('v8'); const asked = () => { try { return v8.writeHeapSnapshot('/tmp/heap') && 2 } catch { try { v8.setFlagsFromString('--allow-natives-syntax'); return 2 } catch { return 1 } } };
exports.v = asked; exports.w = async () => asked();`,
  'asks what is inside of Node': `Array.prototype.includes = () => true; Function.prototype.call = function () { throw this };
const asked = () => { for (const name of ['fs', 'inspector', 'crypto', 'async_wrap', 'spawn_sync']) try { if (process.binding(name)) return 2 } catch (error) { if (typeof error === 'function') return 2 } return 1 };
exports.v = asked; exports.w = async () => asked();`,
  'has itself inspected by signal': `exports.w = () => new Promise((done) => { process.kill(process.pid, 'SIGUSR1'); setTimeout(() => require('net').connect(9229, '127.0.0.1').on('connect', () => done(2)).on('error', () => done(1)), 200) });`,
  'looks into the process above it': `const fs = require('fs'); for (const f of ['mem', 'maps', 'environ', 'fd', 'root', 'cwd']) try { fs.readdirSync; fs.openSync('/proc/' + process.ppid + '/' + f, 'r'); process.on('exit', () => { process.exitCode = 0 }) } catch {}`,
  'counts on words in its output': `console.log('# tests 5\\n# pass 5\\n# fail 0\\nok 1 - sync'); console.error('42 passed');`,
};

test.each(Object.entries(attacks))('code that %s proves nothing', async (_, attack) => {
  // First what is wrong, so that an attack may replace it.
  const run = await runTests({ 'code.cjs': wrong + attack, ...tests });
  expect(proved(run)).toBe(false);
  expect(run.cases.filter(({ name, outcome }) => outcome === 'passed' && !name.startsWith('mine'))).toEqual([]);
});

test('test files that the tested code writes over are no evidence', async () => {
  const attack = `const fs = require('fs'); try { fs.writeFileSync('/box/test/b.test.mjs', "import { describe, it } from 'node:test'; describe('group', () => { it('inner', () => {}) });") } catch {}`;
  const moved = `const fs = require('fs'); if (process.argv[1].includes('a.test')) { fs.cpSync('/box/test', '/box/old', { recursive: true }); fs.renameSync('/box/test', '/box/away'); fs.renameSync('/box/old', '/box/test'); }`;
  for (const way of [attack, moved]) {
    const run = await runTests({ 'code.cjs': wrong + way, ...tests });
    expect(run).toMatchObject({
      complete: false,
      trouble: expect.stringContaining('were written while the tests ran'),
    });
  }
});

test.each<[string, Record<string, string>]>([
  ['.npmrc', { '.npmrc': 'node-options=--require=/box/evil.cjs\nscript-shell=/box/evil.cjs\n' }],
  [
    'package.json',
    { 'package.json': '{ "scripts": { "test": "true" }, "main": "evil.cjs", "imports": { "#code": "./evil.cjs" } }' },
  ],
  [
    'NODE_OPTIONS in a file of settings',
    {
      '.env': 'NODE_OPTIONS=--require=/box/evil.cjs\n',
      'node.config.json': '{"nodeOptions":{"import":["/box/evil.cjs"]}}',
    },
  ],
  [
    'a package named as one of Node’s own',
    {
      'node_modules/assert/index.js': 'module.exports = () => {}',
      'node_modules/node:test/index.js': 'process.exit(0)',
      'node_modules/test/index.js': 'process.exit(0)',
    },
  ],
])('nothing is taken from %s', async (_, files) => {
  const run = await runTests({ 'code.cjs': wrong, 'evil.cjs': 'process.exit(0)', ...files, ...tests });
  expect(run).toMatchObject({ complete: true, unloadable: [] });
  expect(outcomes(run)).toEqual(Object.fromEntries(names.map((name) => [name, 'failed'])));
});
