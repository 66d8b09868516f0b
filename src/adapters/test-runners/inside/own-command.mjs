// Runs the repository's own test command inside the sandbox, then hands over the reports that it wrote.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeSync } from 'node:fs';
import { originals } from './originals.mjs';

const REPORT = 3;
const { run, junit, coverage } = JSON.parse(process.env.MILLWRIGHT_OWN_COMMAND);
const changed = originals(JSON.parse(process.env.MILLWRIGHT_FILES));
delete process.env.MILLWRIGHT_OWN_COMMAND;
delete process.env.MILLWRIGHT_FILES;
const dependencies = process.env.MILLWRIGHT_PYTHON_DEPENDENCIES;
if (dependencies) process.env.PYTHONPATH = dependencies;
delete process.env.MILLWRIGHT_PYTHON_DEPENDENCIES;

const content = (file) => {
  try {
    return file ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
};

// A report that came with the repository is no report of this run.
for (const file of [junit, coverage]) if (file) rmSync(file, { recursive: true, force: true });
const { status } = spawnSync('sh', ['-c', run], { stdio: 'inherit' });
writeAll(JSON.stringify({ exitCode: status, junit: content(junit), coverage: content(coverage), changed: changed() }));

function writeAll(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(REPORT, bytes, at);
}
