// Makes every mutant of JavaScript and TypeScript files: Stryker's, and some of our own. A process of its own, which reads
// the files as JSON from stdin and writes what it made of them to stdout. It parses them, and runs nothing of them.
import { extname } from 'node:path';
import babel from '@babel/core';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { exportsIn } from './exports.mjs';
import { ownMutants } from './own-mutants.mjs';
import { quietRanges } from './quiet-ranges.mjs';

const nothing = () => undefined;
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const logger = { ...Object.fromEntries(levels.map((level) => [level, nothing])), isDebugEnabled: () => false };
const stryker = new Instrumenter(logger);

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const made = [];
for (const file of JSON.parse(Buffer.concat(chunks).toString())) made.push(await mutated(file).catch(trouble));
process.stdout.write(JSON.stringify(made));

async function mutated({ path, content }) {
  const program = await parsed(path, content);
  const quiet = quietRanges(babel.traverse, program, content);
  const isQuiet = ({ start, end }) => quiet.some((range) => range.start <= start && end <= range.end);
  const texts = new Set([content]);
  const mutants = [...(await strykers(path, content)), ...ownMutants(babel.traverse, program, content)]
    .filter((mutant) => !isQuiet(mutant))
    .filter(({ start, end, replacement }) => {
      const text = content.slice(0, start) + replacement + content.slice(end);
      return !texts.has(text) && texts.add(text);
    });
  return { mutants, exports: exportsIn(babel.traverse, program) };
}

function trouble(error) {
  return { mutants: [], trouble: String(error.message).split('\n')[0].slice(0, 200) };
}

/** Stryker says where by line and column; its own parser takes every file for a module, and so does ours where it can be one. */
async function parsed(path, content) {
  const plugins = /\.[cm]?ts$/.test(path) ? ['typescript'] : /\.tsx$/.test(path) ? ['typescript', 'jsx'] : ['jsx'];
  const options = { configFile: false, babelrc: false, sourceType: 'unambiguous', parserOpts: { plugins } };
  return babel.parseAsync(content, options);
}

async function strykers(path, content) {
  // Of its path only the ending matters: a whole one would have Babel look for settings beside it.
  const files = [{ name: `candidate${extname(path)}`, content, mutate: true }];
  const options = { plugins: null, ignorers: [], excludedMutations: [], noHeader: true };
  const { mutants } = await stryker.instrument(files, options);
  const lines = startsOfLines(content);
  const at = ({ line, column }) => lines[line] + column;
  return mutants.map(({ mutatorName, location: { start, end }, replacement }) => ({
    ...{ kind: mutatorName, line: start.line + 1, start: at(start), end: at(end), replacement },
  }));
}

function startsOfLines(text) {
  const starts = [0];
  for (const { index, 0: ending } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + ending.length);
  return starts;
}
