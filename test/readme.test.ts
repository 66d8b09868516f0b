// The README's ways of starting a project, run as they stand there, and its tables, compared with the code.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exitCodesText } from '../scripts/cli/exit-codes';
import { startScriptedModel, type Scenario } from '../scripts/scripted-model/server';
import { Processes } from '../scripts/stack/processes';
import { openRunFolder } from '../scripts/stack/run-folder';
import { startServer } from '../scripts/stack/server';
import { findTemporal } from '../src/adapters/provision/temporal';
import { UNSAFE_WORDS } from '../src/adapters/sandbox/sandbox';
import { decisionKinds } from '../src/domain/decision';
import { SAME_FAMILY_WORDS } from '../src/workers/config';
import { git } from './adapters/git/ground';
import { deployment, good, plan, understanding } from './scenarios/answers';
import { scenarioOf } from './scenarios/script';

const ROOT = join(__dirname, '..');
const PATIENCE_SECONDS = 60;
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

// ── its commands ────────────────────────────────────────────────────────────────────────────────────────────────

type Stack = {
  run: (command: string) => Promise<string>;
  repository: (name: string) => string;
  close: () => Promise<void>;
};

describe('a project is delivered by the commands as they stand there', () => {
  let stack: Stack;
  beforeAll(async () => void (stack = await openStack()));
  afterAll(() => stack.close());

  test.each(['With npm', "With Temporal's own command line"])('%s', async (heading) => {
    const repository = stack.repository(heading.replace(/\W/g, ''));
    const commands = commandsUnder(heading);
    expect(commands.length).toBeGreaterThan(3);
    // As the README says: replaced by the person who reads it, the commit from the answer to the query.
    let sha = '';
    for (const written of commands) {
      const command = written
        .replaceAll('<repository>', repository)
        .replaceAll('<your name>', 'ada')
        .replaceAll('<sha>', sha);
      const answer = await untilItWaits(() => stack.run(command), command);
      sha = /"subject": ?"([0-9a-f]{40})"/.exec(answer)?.[1] ?? sha;
    }
    await untilMerged(repository);
    expect(git(repository, 'show', 'main:src/add.js')).toContain('exports.add');
    expect(git(repository, 'log', '-1', '--format=%B', 'main')).toContain('Millwright-Approved-By: ada');
  });
});

function commandsUnder(heading: string): string[] {
  const section = readme.split(`\n### ${heading}\n`)[1]!.split(/\n##+ /)[0]!;
  const [, block] = /```sh\n([\s\S]*?)```/.exec(section)!;
  return block!.trim().split(/(?<!\\)\n/);
}

/** Status, query and list are looked at again until they show what the README says to look for. */
async function untilItWaits(run: () => Promise<string>, command: string): Promise<string> {
  const sought = [
    [/run status/, /waits for approval/],
    [/query .*--type status/, /"subject"/],
    [/workflow list/, /demo\/add/],
  ].find(([which]) => which!.test(command))?.[1];
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; ; await pause(500)) {
    const answer = await run().catch((error: Error) => error);
    const found = typeof answer === 'string' && (sought === undefined || sought.test(answer));
    if (found) return answer;
    if (sought === undefined || Date.now() > deadline) throw new Error(`${command}\n${String(answer)}`);
  }
}

async function untilMerged(repository: string): Promise<void> {
  const merges = () => git(repository, 'rev-list', '--merges', '--count', 'main');
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; merges() === '0'; await pause(300)) {
    if (Date.now() > deadline) throw new Error('nothing was merged');
  }
}

/** Server, workers in a process of their own, and a scripted model, as `npm run dev` and an endpoint would be. */
async function openStack(): Promise<Stack> {
  const folder = openRunFolder();
  const temporal = await findTemporal();
  const server = await startServer({ temporal });
  const model = await startScriptedModel({ scenario: scriptedFor('shop', 'demo') });
  const processes = new Processes(folder.logs);
  const programs = join(folder.path, 'bin');
  mkdirSync(programs);
  symlinkSync(temporal, join(programs, 'temporal'));
  const env = {
    ...process.env,
    ...{ PATH: `${programs}:${process.env.PATH}`, NO_COLOR: '1' },
    ...{ TEMPORAL_ADDRESS: server.address, MILLWRIGHT_HOME: folder.mirrors },
    ...{ OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'scripted', OPENAI_FAMILY: 'scripted-a' },
    ...{ REVIEW_FAMILY: 'scripted-b' },
  };
  const args = [join(ROOT, 'scripts/run.cjs'), 'worker'];
  const worker = await processes.start({ name: 'worker', command: process.execPath, args, env });
  await worker.said(/^ready /m, PATIENCE_SECONDS);
  return {
    run: (command) => ran(command, env),
    repository: (name) => join(folder.path, `${name}.git`),
    close: async () => {
      await processes.close();
      await model.close();
      await server.stop();
      folder.close();
    },
  };
}

/** One milestone in which nothing goes wrong, for each of these projects. */
function scriptedFor(...projects: string[]): Scenario {
  const project = { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] };
  const scenarios = new Map(projects.map((id) => [id, scenarioOf({ project, add: good() })]));
  return (call) => scenarios.get(call.project)!(call);
}

function ran(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, cwd: ROOT, timeout: PATIENCE_SECONDS * 1000 };
    const child = execFile('/bin/sh', ['-c', command], options, (error, out, complaint) =>
      error === null ? resolve(out) : reject(new Error(`${command}\n${out}${complaint}`)),
    );
    child.stdin?.end();
  });
}

// ── its tables ──────────────────────────────────────────────────────────────────────────────────────────────────

const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!),
  );

test('its table of verbs has every verb that npm has, and no other', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const verbs = readme.split('\n## Verbs\n')[1]!.split('\n## ')[0]!;
  expect(
    firstCells(verbs)
      .filter((word) => !word.startsWith('--'))
      .sort(),
  ).toEqual(Object.keys(scripts).sort());
});

test('its exit codes are those of --help', () => {
  const told = [...readme.matchAll(/^\| (\d) \| (.*) \|$/gm)].map(
    ([, code, words]) => `  ${code}  ${words!.replaceAll('`', '')}`,
  );
  expect(told.join('\n')).toBe(exitCodesText);
});

test('its table of signals has every signal', () => {
  const signals = readme.split('| signal | input |')[1]!.split('\n\n')[0]!;
  expect(firstCells(signals).sort()).toEqual([...decisionKinds].sort());
});

test('it has the words that an operator must say, to the letter', () => {
  expect(readme).toContain(`\`${SAME_FAMILY_WORDS}\``);
  expect(readme).toContain(`\`${UNSAFE_WORDS}\``);
});

test('it names every variable of Millwright, and those of models.yaml', () => {
  const sources = [
    'src/workers/config.ts',
    'src/adapters/provision/cache.ts',
    'scripts/stack/connection.ts',
    'models.yaml',
  ];
  const text = sources.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  const names = new Set(text.match(/\b(?:MILLWRIGHT|OPENAI|REVIEW)_[A-Z_]+\b/g));
  expect([...names].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
