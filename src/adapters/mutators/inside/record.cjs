// Stands before a file of the candidate while its tests run, and notes with what its functions are called.
'use strict';

const { appendFileSync } = require('node:fs');
const { serialize } = require('node:v8');

const CALLS = '/tmp/millwright-calls';
const CALLS_LIMIT = 400; // of each process
const CALL_LIMIT_BYTES = 16_000;

let noted = 0;

module.exports = function recorded(exported, file) {
  if (process.env.MILLWRIGHT_PROBED) return exported;
  return standIn(exported, file, '');
};

function standIn(target, file, name) {
  if (typeof target !== 'function' && (typeof target !== 'object' || target === null)) return target;
  const known = new WeakMap();
  return new Proxy(target, {
    apply(own, self, args) {
      note([file, name, args]);
      return Reflect.apply(own, self, args);
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
}

function note(call) {
  if (noted >= CALLS_LIMIT) return;
  try {
    const bytes = serialize(call);
    if (bytes.length > CALL_LIMIT_BYTES) return;
    noted += 1;
    appendFileSync(CALLS, `${bytes.toString('base64')}\n`);
  } catch {
    // a call with a function or the like cannot be made again
  }
}
