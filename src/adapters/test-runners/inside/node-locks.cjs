// Takes from the repository's code, before it is loaded, what could look into the process that judges it, or change how it does.
'use strict';
const asyncHooks = require('node:async_hooks');
const { statSync } = require('node:fs');
const inspector = require('node:inspector');
const module_ = require('node:module');
const { pathToFileURL } = require('node:url');
const v8 = require('node:v8');
const workers = require('node:worker_threads');

const { apply, construct } = Reflect; // what is called by a method of its own could be replaced
const began = Date.now();

const refused = (what) => () => {
  throw new Error(`${what} is not for code that is tested`);
};

/** In every thread: what the witness in the main one knows must stay there. */
function lockInspection() {
  // Its parts could be replaced, or be asked for what runs inside of Node.
  const { binding, dlopen } = process;
  process.binding = (name) => {
    if (name === 'natives' || name === 'constants' || name === 'config') return apply(binding, process, [name]);
    throw new Error(`process.binding('${name}') is not for code that is tested`);
  };
  for (const name of ['_linkedBinding', '_debugProcess', '_debugEnd', '_startProfilerIdleNotifier'])
    if (process[name]) process[name] = refused(`process.${name}`);
  // A compiled module of the base may be loaded; one that was written meanwhile is somebody's way into this process's memory.
  process.dlopen = (target, file, flags) => {
    if (statSync(file).ctimeMs >= began) throw new Error(`${file} was written while the tests ran`);
    return apply(dlopen, process, flags === undefined ? [target, file] : [target, file, flags]);
  };
  for (const name of ['open', 'waitForDebugger']) inspector[name] = refused(`inspector.${name}`);
  for (const name of ['connect', 'connectToMainThread', 'post'])
    inspector.Session.prototype[name] = refused('the inspector');
  Object.freeze(inspector.Session.prototype);
  for (const name of ['getHeapSnapshot', 'writeHeapSnapshot', 'setHeapSnapshotNearHeapLimit'])
    v8[name] = refused(`v8.${name}`);
  const { setFlagsFromString } = v8;
  v8.setFlagsFromString = (flags) => {
    if (flags !== '--expose-gc' && flags !== '--expose_gc') throw new Error(`${flags} is not for code that is tested`);
    setFlagsFromString(flags);
  };
  if (workers.isMainThread) process.on('SIGUSR1', () => undefined); // would start the inspector
  lockThreads();
  module_.syncBuiltinESMExports();
}

// Other threads can inspect the main one, so they are locked in the same way.
function lockThreads() {
  const { Worker } = workers;
  const Locked = function (file, { execArgv = [], ...options } = {}) {
    const locked = { ...options, execArgv: ['--require', __filename, ...execArgv] };
    return construct(Worker, [file, locked], new.target ?? Locked);
  };
  Object.defineProperty(Locked, 'name', { value: 'Worker' });
  Locked.prototype = Worker.prototype;
  Locked.prototype.constructor = Locked;
  workers.Worker = Locked;
  const { register } = module_;
  let first = true;
  if (register)
    module_.register = (...rest) => {
      if (first) register(pathToFileURL(__filename).href);
      first = false;
      return register(...rest);
    };
}

/** In the main thread: what Node's own test runner leaves open to be changed. */
function lockMachinery(...more) {
  for (const shared of [Promise.prototype, asyncHooks.AsyncResource.prototype, ...more]) Object.freeze(shared);
  // A property of these would be one of every object that the test runner makes.
  for (const root of [Object.prototype, Array.prototype, Function.prototype]) Object.preventExtensions(root);
}

/** Nobody is handed a test, or what reports it. */
function lockResources(isOurs) {
  const { executionAsyncResource, createHook } = asyncHooks;
  const standIn = Object.freeze({ __proto__: null });
  asyncHooks.executionAsyncResource = () => {
    const resource = executionAsyncResource();
    return isOurs(resource) ? standIn : resource;
  };
  asyncHooks.createHook = ({ init, ...others }) =>
    createHook({
      ...others,
      ...(init && {
        init: (id, type, trigger, resource) => init(id, type, trigger, isOurs(resource) ? standIn : resource),
      }),
    });
  module_.syncBuiltinESMExports();
}

// Given to every thread by --require, as --import is not.
if (workers.isMainThread) module.exports = { lockInspection, lockMachinery, lockResources };
else lockInspection();
