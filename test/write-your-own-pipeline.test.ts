// docs/write-your-own-pipeline.md, done by a reader who copies every file and runs every command as they stand there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../src/adapters/provision/cache';
import { git } from './adapters/git/ground';
import { commandsIn, openStack, ran, ROOT, untilItWaits, untilMerged } from './pages';
import { change, code, deployment, plan, suite, test as tested, understanding } from './scenarios/answers';
import { scenarioOf, textOf } from './scenarios/script';

jest.setTimeout(900_000);

const page = readFileSync(join(ROOT, 'docs/write-your-own-pipeline.md'), 'utf8');
const section = (number: number): string => page.split(/\n## /).find((text) => text.startsWith(`${number}. `))!;
/** A block in the page, by its language. */
const block = (text: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)![1]!;
const files = Object.fromEntries(
  [...page.matchAll(/`~\/([^`\n]+)`:\n\n```\w+\n([\s\S]*?)```/g)].map(([, path, text]) => [path!, text!]),
);
const PIPELINE = 'mill/pipelines/pair.yaml';

// The reader's home, where `~` is.
const home = mkdtempSync(join(tmpdir(), 'reader-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const reader: NodeJS.ProcessEnv = { HOME: home, MILLWRIGHT_CACHE: cacheFolder() };
const run = (command: string) => ran(command, { ...process.env, ...reader });
const [check, graph] = commandsIn(section(4));

beforeAll(async () => {
  const setUp = [...commandsIn(section(1)), 'printf %s "$MILLWRIGHT_CONFIG"'].join('\n');
  reader.MILLWRIGHT_CONFIG = await run(setUp);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(home, path), text);
});

test('the page has a pipeline, and both parts of both agents, in the folders that it makes', () => {
  expect(Object.keys(files).sort()).toEqual([
    'mill/agents/checker/agent.yaml',
    'mill/agents/checker/prompt.md',
    'mill/agents/coder/agent.yaml',
    'mill/agents/coder/prompt.md',
    PIPELINE,
  ]);
  expect(reader.MILLWRIGHT_CONFIG).toBe(join(home, 'mill'));
});

test('its check finds the pipeline sound', async () => {
  expect(check).toContain('-- check ~/');
  expect(await run(check!)).toContain(`\n${join(home, PIPELINE)}: sound.\n`);
});

test('its graph is the one that the page shows', async () => {
  expect(graph).toContain('-- graph pair');
  expect(await run(graph!)).toContain(`\n${block(section(4), 'mermaid')}`);
});

test('without a cap its check says what the page says, and fails', async () => {
  const uncapped = files[PIPELINE]!.replace(/\n +max: 3.*/, '');
  expect(uncapped).not.toBe(files[PIPELINE]);
  writeFileSync(join(home, PIPELINE), uncapped);
  const said = await run(`${check} || echo "ended with $?"`).catch((error: Error) => error.message);
  const words = await run(`${check} 2>&1 || true`);
  writeFileSync(join(home, PIPELINE), files[PIPELINE]!);
  expect(words).toContain(block(section(4), 'text').trim().replace('~', home));
  expect(said).toContain('ended with 2');
});

test('a shipped reviewer in it is refused, as the page says', async () => {
  const [, review] = /`(review: \{[^`]*\})`/.exec(page)!;
  const path = join(home, 'draft/pair.yaml');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, files[PIPELINE]!.replace('  approve:', `  ${review}\n  approve:`));
  expect(await run(`npm run pipelines -- check ${path} 2>&1 || true`)).toContain('agent "reviewer" reads "specify"');
});

test('its commands deliver a project through the pipeline, to a merge', async () => {
  const scenario = scenarioOf({
    project: { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] },
    add: { code: [change(code('add'))], tests: [suite(tested('add'))] },
  });
  const stack = await openStack(scenario, reader);
  try {
    const commands = commandsIn(section(5));
    expect(commands.map((command) => /run ([\w-]+)/.exec(command)![1])).toEqual(['start', 'status', 'approve']);
    for (const command of commands) await untilItWaits(stack, command.replaceAll('<your name>', 'ada'));
    const repository = join(home, 'sums.git');
    await untilMerged(repository);
    expect(git(repository, 'show', 'main:src/add.js')).toContain('exports.add');
    expect(git(repository, 'show', 'main:test/add.test.js')).toContain('add of 2 and 3');
    expect(git(repository, 'log', '-1', '--format=%B', 'main')).toContain('Millwright-Approved-By: ada');
    const asked = stack.calls.filter(({ milestone }) => milestone === 'add');
    expect(asked.map(({ agent, stage }) => `${stage} by ${agent}`).sort()).toEqual([
      'code by coder',
      'tests by checker',
    ]);
    for (const call of asked) expect(textOf(call)).toContain(files[`mill/agents/${call.agent}/prompt.md`]!.trim());
  } finally {
    await stack.close();
  }
});
