// A reporter for node --test that writes what happened, one JSON line an event, to the report's descriptor.
import { writeSync } from 'node:fs';

const REPORT = 3;
const TEXT_LIMIT_CHARS = 4_000;

// The witness in a test file's process knows itself by its parent.
process.env.MILLWRIGHT_TEST_RUNNER = String(process.pid);

const report = (line) => writeSync(REPORT, `${JSON.stringify(line)}\n`);
const cut = (text) => String(text).slice(0, TEXT_LIMIT_CHARS);

export default async function* nodeReporter(events) {
  let lines = 0;
  const unfinished = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:enqueue') count(unfinished, data, 1);
    if (type === 'test:complete') count(unfinished, data, -1);
    const line = summary(type, data);
    if (!line) continue;
    lines += 1;
    report(line);
  }
  const open = [...unfinished.values()].filter(({ left }) => left > 0).map(({ name }) => cut(name));
  report({ event: 'end', lines, unfinished: open.slice(0, 20) });
  yield '';
}

function count(unfinished, { file, line, column, nesting, name }, by) {
  const key = JSON.stringify([file, line, column, nesting, name]);
  unfinished.set(key, { name, left: (unfinished.get(key)?.left ?? 0) + by });
}

function summary(type, data) {
  switch (type) {
    case 'test:start':
      return { event: 'start', ...place(data) };
    case 'test:pass':
    case 'test:fail':
      return { event: type.slice(5), ...place(data), ...outcome(data) };
    case 'test:stderr':
      return { event: 'stderr', file: data.file, text: cut(data.message) };
    case 'test:diagnostic':
      return { event: 'remark', text: cut(data.message) };
    case 'test:coverage':
      return { event: 'coverage', files: data.summary.files.map(linesOf) };
    default:
      return undefined;
  }
}

const place = ({ file, line, name, nesting }) => ({ file: file ?? '', line: line ?? 0, name: cut(name), nesting });
const linesOf = ({ path, totalLineCount, coveredLineCount }) => ({
  path,
  total: totalLineCount,
  covered: coveredLineCount,
});

function outcome({ skip, todo, details }) {
  const { type, error } = details ?? {};
  return {
    suite: type === 'suite',
    skipped: skip !== undefined || todo !== undefined,
    ...(error && {
      error: cut(error.cause?.stack ?? error.cause ?? error.message),
      reason: error.failureType,
      exitCode: error.exitCode,
    }),
  };
}
