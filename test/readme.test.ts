// The README's ways of starting a project, run as they stand there, and its tables, compared with the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodesText } from '../scripts/cli/exit-codes';
import type { Scenario } from '../scripts/scripted-model/server';
import { UNSAFE_WORDS } from '../src/adapters/sandbox/sandbox';
import { decisionKinds } from '../src/domain/decision';
import { SAME_FAMILY_WORDS } from '../src/workers/config';
import { git } from './adapters/git/ground';
import { commandsIn, openStack, ROOT, untilItWaits, untilMerged, type Stack } from './pages';
import { deployment, good, plan, understanding } from './scenarios/answers';
import { scenarioOf } from './scenarios/script';

jest.setTimeout(900_000);

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

// ── its commands ────────────────────────────────────────────────────────────────────────────────────────────────

describe('a project is delivered by the commands as they stand there', () => {
  let stack: Stack;
  beforeAll(async () => void (stack = await openStack(scriptedFor('shop', 'demo'))));
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
      const answer = await untilItWaits(stack, command);
      sha = /"subject": ?"([0-9a-f]{40})"/.exec(answer)?.[1] ?? sha;
    }
    await untilMerged(repository);
    expect(git(repository, 'show', 'main:src/add.js')).toContain('exports.add');
    expect(git(repository, 'log', '-1', '--format=%B', 'main')).toContain('Millwright-Approved-By: ada');
  });
});

function commandsUnder(heading: string): string[] {
  const section = readme.split(`\n### ${heading}\n`)[1]!.split(/\n##+ /)[0]!;
  return commandsIn(section);
}

/** One milestone in which nothing goes wrong, for each of these projects. */
function scriptedFor(...projects: string[]): Scenario {
  const project = { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] };
  const scenarios = new Map(projects.map((id) => [id, scenarioOf({ project, add: good() })]));
  return (call) => scenarios.get(call.project)!(call);
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
