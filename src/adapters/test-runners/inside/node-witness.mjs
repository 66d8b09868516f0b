// Loaded into every test file's process before the repository's code: it must not say that all is well by ending early, or by
// putting something else in the place of what tests assert with.
import assert from 'node:assert';
import test from 'node:test';

// By then Node has thrown away the results that it had not yet handed over, and would call the whole file passed.
const ENDED_ITSELF = 97;

if (process.env.MILLWRIGHT_TEST_RUNNER === String(process.ppid)) {
  const end = process.reallyExit;
  process.reallyExit = (code) => end.call(process, code || ENDED_ITSELF);
  for (const said of [assert, assert.strict, test, ...Object.values(test)]) Object.freeze(said);
}
