// Loaded into every test file's process before the repository's code, and says over its head what became of its tests.
// Node's own way leads through objects and descriptors that this code can reach. The witness hears each event in the
// moment in which the test runner makes it, and signs it with a word that only the process above knows. So it uses nothing
// that the repository's code could have replaced since.
import assert from 'node:assert';
import { executionAsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import test from 'node:test';
import locks from './node-locks.cjs';

// By then Node has thrown away the results that it had not yet handed over, and would call the whole file passed.
const ENDED_ITSELF = 97;
const STDERR = 2;
const TEXT_LIMIT_CHARS = 4_000;

const word = process.env.MILLWRIGHT_WITNESS;
delete process.env.MILLWRIGHT_WITNESS; // the programs that tests start are none of ours
if (word !== undefined) await witness(word);

async function witness(word) {
  const { stringify } = JSON;
  const { escape, String, setImmediate } = globalThis;
  const { apply } = Reflect;
  const cut = (text) => {
    try {
      return apply(slice, String(text), [0, TEXT_LIMIT_CHARS]);
    } catch {
      return '';
    }
  };
  const slice = String.prototype.slice;
  const { emit } = EventEmitter.prototype;

  // On a line of its own, whatever was printed before it; and counted, so that none can be lost.
  let count = 0;
  const say = (line) => {
    count += 1;
    let text = `\n${word} ${escape(line)}\n`;
    while (text !== '')
      try {
        text = apply(slice, text, [writeSync(STDERR, text)]);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
      }
  };

  // A test that has to fail, and one that has to wait for it: if they pass, so would every other one.
  const control = cut(Math.random());
  const opening = cut(Math.random());
  let begun = false;
  const controls = () => {
    void test(control, { todo: true }, () => assert.strictEqual(control, opening));
    void test(control, { todo: true }, async () => {
      await undefined;
      throw new Error(control);
    });
  };

  const hear = (type, data) => {
    if (typeof data !== 'object' || data === null) return;
    const { name } = data;
    if (name === opening) return;
    if (name === control) {
      if (type === 'test:pass' || type === 'test:fail') say(`{"event":"control","passed":${type === 'test:pass'}}`);
      return;
    }
    switch (type) {
      case 'test:enqueue':
        if (!begun) setImmediate(controls);
        begun = true;
        return say(`{"event":"enqueue",${place(data)}}`);
      case 'test:complete':
        return say(`{"event":"complete",${place(data)}}`);
      case 'test:start':
        return say(`{"event":"start",${place(data)}}`);
      case 'test:pass':
        return say(`{"event":"pass",${place(data)}${outcome(data)}}`);
      case 'test:fail':
        return say(`{"event":"fail",${place(data)}${outcome(data)}}`);
      case 'test:diagnostic':
        return say(`{"event":"remark","text":${stringify(cut(data.message))}}`);
      case 'test:plan':
        if (data.nesting === 0) ended = true;
    }
  };
  // Of primitive values alone: objects are asked by JSON for what they would like to say.
  const place = ({ file, line, name, nesting }) =>
    `"file":${stringify(cut(file ?? ''))},"line":${+line || 0},"name":${stringify(cut(name))},"nesting":${+nesting || 0}`;
  const outcome = ({ skip, todo, details }) => {
    const error = details.error;
    const left = skip !== undefined || todo !== undefined;
    return `,"suite":${details.type === 'suite'},"skipped":${left}${
      error ? `,"error":${stringify(said(error))},"reason":${stringify(cut(error.failureType))}` : ''
    }`;
  };
  const said = (error) => {
    try {
      return cut(error.cause?.stack ?? error.cause ?? error.message);
    } catch {
      return '';
    }
  };

  // ── what hears ────────────────────────────────────────────────────────────────────────────────────────────────

  let ended = false;
  let stream;
  EventEmitter.prototype.emit = function (...all) {
    if (stream === undefined && typeof all[0] === 'string' && all[0].startsWith('test:')) {
      stream = this;
      // Nothing flows on from here, where it could be met.
      Object.defineProperty(stream, 'push', { value: () => true });
    }
    return emit.apply(this, all);
  };
  let resource;
  let context;
  await test(opening, async (t) => {
    resource = executionAsyncResource();
    context = Object.getPrototypeOf(t);
  });
  EventEmitter.prototype.emit = emit;
  await new Promise((quiet) => setImmediate(quiet)); // a stream under way hands itself to whoever schedules its next step
  const Test = Object.getPrototypeOf(resource);
  if (!stream || !Object.hasOwn(Test, 'postRun')) throw new Error('the witness does not know this test runner');
  Object.defineProperty(stream, 'emit', {
    value: function (type, data) {
      hear(type, data);
      return apply(emit, stream, [type, data]);
    },
  });

  // ── what stays as it is ───────────────────────────────────────────────────────────────────────────────────────

  locks.lockInspection();
  locks.lockResources((thing) => thing instanceof Test.constructor);
  locks.lockMachinery(Test, context, stream.constructor.prototype);
  for (const one of [assert, assert.strict, test, ...Object.values(test)]) Object.freeze(one);
  const end = process.reallyExit;
  process.reallyExit = (code) => apply(end, process, [code || ENDED_ITSELF]);
  process.on('uncaughtExceptionMonitor', (error) => {
    if (!begun) writeSync(STDERR, `${cut(error?.stack ?? error)}\n`); // the test runner would leave out where it came from
  });
  process.on('exit', () => say(`{"event":"closed","whole":${ended},"said":${count}}`));
}
