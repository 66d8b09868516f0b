// A reporter for node --test that writes what happened, one JSON line an event, to the report's descriptor: of tests what the
// witnesses in their processes sign, of files what Node's own runner sees from outside.
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { originals } from './originals.mjs';

const REPORT = 3;
const TEXT_LIMIT_CHARS = 4_000;

const word = randomBytes(32).toString('hex');
process.env.MILLWRIGHT_WITNESS = word;

const files = JSON.parse(process.env.MILLWRIGHT_FILES);
delete process.env.MILLWRIGHT_FILES;
const changed = originals(files);

const report = (line) => writeSync(REPORT, `${JSON.stringify(line)}\n`);
const cut = (text) => String(text).slice(0, TEXT_LIMIT_CHARS);

export default async function* nodeReporter(events) {
  let lines = 0;
  const unfinished = new Map();
  const heard = new Map();
  for await (const { type, data } of events) {
    const line = summary(type, data, heard);
    if (line?.event === 'enqueue') count(unfinished, line, 1);
    else if (line?.event === 'complete') count(unfinished, line, -1);
    else if (line && line.event !== 'counted') {
      lines += 1;
      report(line);
    }
  }
  const open = [...unfinished.values()].filter(({ left }) => left > 0).map(({ name }) => cut(name));
  report({ event: 'end', lines, unfinished: open.slice(0, 20), changed: changed() });
  yield '';
}

function count(unfinished, { within, file, line, nesting, name }, by) {
  const key = JSON.stringify([within, file, line, nesting, name]);
  unfinished.set(key, { name, left: (unfinished.get(key)?.left ?? 0) + by });
}

function summary(type, data, heard) {
  switch (type) {
    case 'test:stderr':
      return signed(data, heard) ?? { event: 'stderr', within: data.file, text: cut(data.message) };
    case 'test:pass':
    case 'test:fail':
      return data.nesting === 0 && data.name === data.file ? fileEnded(type, data) : undefined;
    case 'test:diagnostic':
      return { event: 'remark', within: '', text: cut(data.message) };
    case 'test:coverage':
      return { event: 'coverage', files: data.summary.files.map(linesOf) };
    default:
      return undefined;
  }
}

const counting = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

// Of its file the runner itself says: it is the one whose process wrote the line.
function signed({ file, message }, heard) {
  if (!message.startsWith(`${word} `)) return undefined;
  const { said, ...line } = JSON.parse(unescape(message.slice(word.length + 1).trimEnd()));
  if (line.event === 'closed') line.whole &&= said === (heard.get(file) ?? 0);
  heard.set(file, (heard.get(file) ?? 0) + 1);
  return line.event === 'remark' && counting.test(line.text) ? { event: 'counted' } : { ...line, within: file };
}

function fileEnded(type, { file, details }) {
  const error = details?.error;
  return {
    event: 'file',
    within: file,
    passed: type === 'test:pass',
    ...(error && { error: cut(error.cause?.stack ?? error.cause ?? error.message), exitCode: error.exitCode }),
  };
}

const linesOf = ({ path, totalLineCount, coveredLineCount }) => ({
  path,
  total: totalLineCount,
  covered: coveredLineCount,
});
