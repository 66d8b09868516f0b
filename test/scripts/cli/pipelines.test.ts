// `npm run pipelines` as people use it: a real process, the shipped definitions, and a folder of one's own.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { flowchart } from '../../../src/domain/flowchart';
import { loadPipelines, ROOT } from '../../../scripts/docs/definitions';
import { small } from '../../scenarios/definitions';
import type { Said } from './town';

let home: string;
let own: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pipelines-'));
  own = join(home, 'mill');
  for (const name of ['pipelines/quick.yaml', 'agents/coder/agent.yaml', 'agents/checker/agent.yaml'] as const)
    write(`mill/${name}`, small[name]);
  for (const agent of ['coder', 'checker']) write(`mill/agents/${agent}/prompt.md`, 'You do.\n');
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
  return join(home, path);
}

function pipelinesWith(over: NodeJS.ProcessEnv, ...args: string[]): Promise<Said> {
  const env = { ...process.env, OPENAI_FAMILY: 'one', REVIEW_FAMILY: 'other', MILLWRIGHT_CONFIG: own, ...over };
  return new Promise((resolve) => {
    const options = { env, cwd: home };
    const child = execFile(
      process.execPath,
      [join(ROOT, 'scripts/run.cjs'), 'pipelines', ...args],
      options,
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}
const pipelines = (...args: string[]) => pipelinesWith({}, ...args);

describe('the list', () => {
  test('has each pipeline with what it is for and its stages, and the file of those of your own', async () => {
    const { code, out, err } = await pipelines();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ {2}milestone +Specification → Architecture/m);
    expect(out).toMatch(/^ {2}project +.*\n +for a whole project: understand, plan, agree, build, deploy$/m);
    expect(out).toMatch(/^ {2}quick +for each milestone .*: implement, tests, verify, approve, merge$/m);
    expect(out.replace(/\s+/g, ' ')).toContain(join(own, 'pipelines/quick.yaml'));
  });

  test('has each agent with its role, models, tools, what it writes, and who calls it', async () => {
    const { out } = await pipelines();
    const coder = 'model frontier-a; tools none; writes Change; used by quick';
    expect(out.replace(/\s+/g, ' ')).toContain(`coder does as scripted ${coder}`);
    expect(out.replace(/\s+/g, ' ')).toContain(
      'reviewer reviews a candidate model frontier-b; tools list, read, search',
    );
  });

  test('is the same for a program', async () => {
    const list = JSON.parse((await pipelines('--json')).out) as Record<string, { name: string }[]>;
    expect(list.pipelines!.find(({ name }) => name === 'quick')).toMatchObject({
      ...{ level: 'milestone', file: join(own, 'pipelines/quick.yaml') },
      stages: { verify: { check: 'tests', needs: ['implement', 'tests'] } },
    });
    expect(list.agents!.find(({ name }) => name === 'checker')).toMatchObject({
      ...{ role: 'does as scripted', model: ['frontier-a'], tools: [], writes: 'TestSuite', usedBy: ['quick'] },
    });
  });

  test('is refused while a file is broken, which it names', async () => {
    const path = write('mill/pipelines/odd.yaml', 'name: odd\nstages: [');
    const { code, err } = await pipelines();
    expect([code, err]).toEqual([2, expect.stringMatching(new RegExp(`^${path}:2: `))]);
  });

  test('is refused where the folder is none', async () => {
    const { code, err } = await pipelinesWith({ MILLWRIGHT_CONFIG: join(home, 'nowhere') });
    expect([code, err]).toEqual([2, expect.stringContaining('MILLWRIGHT_CONFIG')]);
  });
});

describe('check', () => {
  test('takes what is sound, wherever one stands', async () => {
    const path = join(own, 'pipelines/quick.yaml');
    for (const file of [path, 'mill/pipelines/quick.yaml'])
      expect(await pipelines('check', file)).toEqual({ code: 0, out: `${path}: sound.\n`, err: '' });
    expect((await pipelines('check', 'mill/agents/coder/agent.yaml')).code).toBe(0);
  });

  test('takes a draft that is not in use, and says that it is not', async () => {
    const path = write('draft.yaml', small['pipelines/quick.yaml'].replace('name: quick', 'name: draft'));
    expect(await pipelines('check', path)).toEqual({
      ...{ code: 0, err: '' },
      out: `${path}: sound. It is not in use: it is not in ${own}.\n`,
    });
  });

  test.each<[string, string, (text: string) => string, RegExp]>([
    [
      'a key',
      'pipelines/quick.yaml',
      (text) => text.replace('agent: coder', 'agnt: coder'),
      /:3: stages\.implement\.agnt: unknown agnt; expected agent, check/,
    ],
    [
      'an agent',
      'pipelines/quick.yaml',
      (text) => text.replace('agent: coder', 'agent: codr'),
      /:3: stages\.implement\.agent: unknown agent "codr"; expected one of architect, checker, coder/,
    ],
    [
      'a need',
      'pipelines/quick.yaml',
      (text) => text.replace('[verify]', '[verfy]'),
      /:9: stages\.approve\.needs\.0: unknown stage "verfy"; expected one of implement/,
    ],
    [
      'the name',
      'pipelines/quick.yaml',
      (text) => text.replace('name: quick', 'name: slow'),
      /:1: name: expected "quick", the name of the file/,
    ],
    [
      'the model of an agent',
      'agents/coder/agent.yaml',
      (text) => text.replace('frontier-a', 'oracle'),
      /:2: model\.0: unknown model "oracle"; expected one of frontier-a, frontier-b/,
    ],
    [
      'the artifact of an agent',
      'agents/coder/agent.yaml',
      (text) => text.replace('Change', 'Poem'),
      /:4: writes: .*expected one of .*"Change"/,
    ],
  ])('names file, line and what was expected where %s is wrong', async (_, name, broken, words) => {
    const path = write(`mill/${name}`, broken(small[name as keyof typeof small]));
    const { code, out, err } = await pipelines('check', path);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.slice(0, path.length)).toBe(path);
    expect(err.slice(path.length)).toMatch(words);
  });

  test('names the stage that an agent no longer fits', async () => {
    const path = write(
      'mill/agents/coder/agent.yaml',
      small['agents/coder/agent.yaml'].replace('repository', 'verify'),
    );
    const { code, err } = await pipelines('check', path);
    expect(code).toBe(2);
    expect(err).toContain(
      'quick.yaml:3: stages.implement.agent: agent "coder" reads "verify", which is not a stage before',
    );
  });

  test('tells of the file itself before it tells of others', async () => {
    write('mill/pipelines/another.yaml', 'name: [');
    const path = write('mill/pipelines/quick.yaml', 'name: quick\nstages: 7\n');
    expect((await pipelines('check', path)).err).toMatch(new RegExp(`^${path}:2: stages: .*\n$`));
  });

  test('knows the models of your own, and the variables in them', async () => {
    const models = (model: string) =>
      `models:\n  a: { endpoint: 'http://localhost:1', model: '${model}', family: f }\n`;
    expect((await pipelines('check', write('models.yaml', models('m')))).code).toBe(0);
    const { code, err } = await pipelines('check', write('models.yaml', models('${NOT_SET_HERE}')));
    expect([code, err]).toEqual([
      2,
      `${join(home, 'models.yaml')}:2: models.a.model: the environment variable NOT_SET_HERE is not set\n`,
    ]);
  });

  test('finds nothing of the folder where MILLWRIGHT_CONFIG does not name it, and says so', async () => {
    const { code, err } = await pipelinesWith({ MILLWRIGHT_CONFIG: '' }, 'check', 'mill/pipelines/quick.yaml');
    expect(code).toBe(2);
    expect(err).toMatch(/unknown agent "coder".*\n[^]*\(MILLWRIGHT_CONFIG names no folder/);
  });

  test('does not take the shipped file for one that is not there', async () => {
    const { code, err } = await pipelines('check', 'nowhere/milestone.yaml');
    expect([code, err]).toEqual([2, expect.stringContaining('nowhere/milestone.yaml:1: it cannot be read: ENOENT')]);
    expect((await pipelines('check', 'prompt.md')).err).toContain('expected <name>.yaml for a pipeline');
  });

  test('tells a program the same', async () => {
    const path = write('mill/pipelines/quick.yaml', 'name: quick\nstages: { a: { agent: codr } }\n');
    const { code, out, err } = await pipelines('check', path, '--json');
    expect([code, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toEqual({
      ...{ file: path, sound: false, inUse: true },
      flaws: [{ file: path, line: 2, at: 'stages.a.agent', message: expect.stringContaining('unknown agent "codr"') }],
    });
  });
});

describe('graph', () => {
  test('prints what the docs show', async () => {
    const milestone = loadPipelines().find(({ name }) => name === 'milestone')!;
    expect(await pipelines('graph', 'milestone')).toEqual({ code: 0, out: `${flowchart(milestone)}\n`, err: '' });
  });

  test('draws a pipeline of your own', async () => {
    expect((await pipelines('graph', 'quick')).out).toContain('s_implement["implement<br/>agent: coder"]');
  });

  test('refuses a name that is none, with those that are', async () => {
    const { code, err } = await pipelines('graph', 'waterfall');
    expect([code, err]).toEqual([2, expect.stringMatching(/^There is no pipeline "waterfall"\. There is .*quick/)]);
  });
});

test.each([[['draw']], [['check']], [['graph']], [['check', 'a.yaml', 'b.yaml']]])(
  '%j is wrong usage',
  async (args) => {
    const { code, err } = await pipelines(...args);
    expect([code, err]).toEqual([2, expect.stringMatching(/^error: /)]);
  },
);

test('it teaches itself: usage, examples and exit codes, also of what it can do', async () => {
  const { code, out } = await pipelines('--help');
  expect(code).toBe(0);
  expect(out).toContain('Usage: npm run pipelines --');
  expect(out).toMatch(/Examples:\n {2}npm run pipelines\n[^]*check ~\/mill[^]*graph milestone[^]*Exit codes:/);
  for (const word of ['check', 'graph'])
    expect((await pipelines(word, '--help')).out).toContain(`Usage: npm run pipelines -- ${word} `);
});
