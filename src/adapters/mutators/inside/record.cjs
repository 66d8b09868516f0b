// Stands before a file of the candidate while its tests run, and notes with what its functions are called.
'use strict';

const { appendFileSync } = require('node:fs');
const { serialize } = require('node:v8');

const CALLS = '/tmp/millwright-calls';
const CALLS_LIMIT = 400; // of each process
const CALL_LIMIT_BYTES = 16_000;
const STEPS_LIMIT = 30;
const FUNCTION = 'millwright function'; // as in evaluate.mjs and neighbours.mjs

let noted = 0;
let objects = 0;
let within = 0; // what an object calls of itself is no call of the tests

module.exports = function recorded(exported, file) {
  if (process.env.MILLWRIGHT_PROBED) return exported;
  return standIn(exported, file, '');
};

function standIn(target, file, name) {
  if (typeof target !== 'function' && (typeof target !== 'object' || target === null)) return target;
  const known = new WeakMap();
  const proxy = new Proxy(target, {
    apply(own, self, args) {
      note([file, name, args]);
      return Reflect.apply(own, self, args);
    },
    construct(own, args, by) {
      const object = Reflect.construct(own, args, by === proxy ? own : by);
      if (by === proxy) follow(object, own, file, name, args);
      return object;
    },
    get(own, key, receiver) {
      const value = Reflect.get(own, key, receiver === undefined ? own : receiver);
      const property = Reflect.getOwnPropertyDescriptor(own, key);
      const isFixed = property !== undefined && !property.configurable && !property.writable;
      if (name !== '' || typeof key !== 'string' || typeof value !== 'function' || !property || isFixed) return value;
      if (!known.has(value)) known.set(value, standIn(value, file, key));
      return known.get(value);
    },
  });
  return proxy;
}

// ── objects: what is done with each, from its beginning ─────────────────────────────────────────────────────────

const followed = new WeakMap();
const watched = new WeakSet();

function follow(object, own, file, name, args) {
  const { prototype } = own;
  if (!watched.has(prototype)) watch(prototype);
  watched.add(prototype);
  const life = { file, name, id: `${process.pid} ${objects++}`, steps: [['', args.length]], args: [...args] };
  followed.set(object, life);
  noteLife(life);
}

function watch(prototype) {
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const { value, writable } = Object.getOwnPropertyDescriptor(prototype, key);
    if (key === 'constructor' || typeof value !== 'function' || !writable) continue;
    prototype[key] = function (...args) {
      const life = followed.get(this);
      if (life !== undefined && within === 0 && life.steps.length <= STEPS_LIMIT) {
        life.steps.push([key, args.length]);
        life.args.push(...args);
        noteLife(life);
      }
      within += 1;
      try {
        return Reflect.apply(value, this, args);
      } finally {
        within -= 1;
      }
    };
  }
}

/** Each time it says more, and the last is what counts. */
function noteLife({ file, name, id, steps, args }) {
  note([file, JSON.stringify([name, steps]), args, id]);
}

function note([file, name, args, id]) {
  if (noted >= CALLS_LIMIT) return;
  try {
    // A function cannot be sent, but its text can: what is made of that may do, or fail where it is called.
    const sent = args.map((arg) => (typeof arg === 'function' ? { [FUNCTION]: String(arg) } : arg));
    const bytes = serialize([file, name, sent, id]);
    if (bytes.length > CALL_LIMIT_BYTES) return;
    noted += 1;
    appendFileSync(CALLS, `${bytes.toString('base64')}\n`);
  } catch {
    // a call with what only this process has cannot be made again
  }
}
