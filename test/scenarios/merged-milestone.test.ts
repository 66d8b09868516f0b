// A milestone that is started alone with a plain request: what is on the branch afterwards, and what the ledger tells.
import { candidateRef, ledgerRef } from '../../src/domain/names';
import type { MilestoneResult } from '../../src/domain/schedule';
import { bare, sound, tip } from '../adapters/git/ground';
import { code, good, longer, change, review } from './answers';
import type { Delivery } from './delivery';
import { useMill } from './mill';

type Merged = Extract<MilestoneResult, { outcome: 'merged' }>;

describe('a milestone that is started alone with a plain request', () => {
  const mill = useMill({ apart: true });
  const repository = bare({ 'README.md': '# Sums\n' });
  const base = tip(repository);
  let run: Delivery;
  let candidate: string;
  let merged: Merged;

  beforeAll(async () => {
    const script = { ...good(), implement: [change(longer(code('add')))], review: [review()] };
    run = await mill.milestone(script, {
      id: 'sums',
      repository,
      request: 'A sum.\nOf two numbers.',
      approvers: ['ada'],
    });
    candidate = await run.approve();
    merged = await run.result<Merged>();
  });

  test('ends merged, with the approver, the candidate and its score in its result', () => {
    const breakdown = { correctness: 4, code_quality: 4, security: 4, maintainability: 4, scalability: 4 };
    expect(merged).toEqual({
      ...{ outcome: 'merged', commit: tip(repository), candidate, approvedBy: 'ada' },
      ...{ score: 4, breakdown, attempts: [{ iteration: 1, score: 4, breakdown, summary: 'as asked' }] },
    });
    expect(run.onMain('src/add.js')).toMatch(/exports\.add/);
    expect(run.onMain('test/add.test.js')).toMatch(/add of 2 and 3/);
  });

  test('is one commit on the branch: the old tip and the candidate joined, with exactly the tested tree', () => {
    expect(run.git('log', '-1', '--format=%P', 'main')).toBe(`${base} ${candidate}`);
    expect(run.git('rev-list', '--count', '--first-parent', `${base}..main`)).toBe('1');
    const { tree, objections } = json('stages/verify/1/TestReport.json');
    expect({ tree, objections }).toEqual({ tree: run.git('rev-parse', 'main^{tree}'), objections: [] });
  });

  test('says on the merge why it was allowed', () => {
    const trailers = run.git('log', '-1', '--format=%(trailers:only,unfold)', 'main').trim().split('\n');
    expect(trailers).toEqual([
      'Millwright-Project: sums',
      'Millwright-Milestone: milestone',
      `Millwright-Base: ${base}`,
      `Millwright-Candidate: ${candidate}`,
      `Millwright-Tree: ${run.git('rev-parse', 'main^{tree}')}`,
      'Millwright-Tests: 1 of 1 passed, 100.0 % of lines',
      'Millwright-Review: review 0.9 by frontier-b',
      'Millwright-Evaluation: evaluate 4',
      'Millwright-Approved-By: ada',
      'Millwright-Ledger: refs/millwright/sums/milestone',
      expect.stringMatching(/^Millwright-Key: [0-9a-f-]{36}\/sums\/milestone\/merge\/1$/),
    ]);
  });

  test('leaves its ledger and no candidate branch, no saved turn, and a sound repository', () => {
    expect(run.git('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/heads/main',
      ledgerRef({ project: 'sums', milestone: 'milestone' }),
    ]);
    expect(candidateRef({ project: 'sums', milestone: 'milestone' })).toBe('refs/heads/millwright/sums/milestone');
    expect(sound(repository)).toBe('');
  });

  test('writes request, prompts, every artifact, every call, the decision and the receipt into the ledger', () => {
    const call = (stage: string, artifact: string) =>
      [`${artifact}.json`, `${artifact}.md`, 'call.json', 'handoff.json', 'transcript.md'].map(
        (file) => `stages/${stage}/1/${file}`,
      );
    const agents = ['architect', 'evaluator', 'implementer', 'reviewer', 'specifier', 'tester'];
    expect(run.ledger().sort()).toEqual(
      [
        ...['MilestonePlan.json', 'MilestonePlan.md', 'definition.json', 'request.md'].map(
          (file) => `definition/${file}`,
        ),
        ...agents.map((agent) => `definition/prompts/${agent}.md`),
        ...call('specify', 'Specification'),
        ...call('design', 'Architecture'),
        ...call('implement', 'Change'),
        ...call('tests', 'TestSuite'),
        ...call('review', 'Review'),
        ...call('evaluate', 'Evaluation'),
        'stages/verify/1-candidate/candidate.json',
        ...['TestReport.json', 'TestReport.md', 'handoff.json'].map((file) => `stages/verify/1/${file}`),
        ...['decision.json', 'handoff.json'].map((file) => `stages/approve/1/${file}`),
        ...['receipt.json', 'receipt.dsse.json', 'handoff.json'].map((file) => `stages/merge/1/${file}`),
        'transcript.md',
      ].sort(),
    );
    expect(run.fromLedger('definition/request.md')).toBe('A sum.\nOf two numbers.');
    expect(json('stages/approve/1/decision.json')).toMatchObject({
      subject: candidate,
      decision: 'approved',
      by: 'ada',
    });
    expect(json('stages/merge/1/receipt.json')).toMatchObject({
      ...{ commit: merged.commit, branch: 'main' },
      demand: { candidate, approvers: ['ada'], reviews: ['review'], evaluations: ['evaluate'] },
      evidence: { verify: { candidate, base, green: true }, approval: { subject: candidate, by: 'ada' } },
    });
  });

  test('has one commit in the ledger for each stage, in the order in which they ended', () => {
    const subjects = run.git('log', '--reverse', '--first-parent', '--format=%s', 'refs/millwright/sums/milestone');
    const stages = subjects.split('\n').map((subject) => subject.split(':')[0]!);
    expect(stages.slice(0, 4)).toEqual([
      'The ledger of sums/milestone',
      'Begin sums/milestone with the pipeline milestone',
      'specify 1',
      'design 1',
    ]);
    expect(stages.slice(4, 6).sort()).toEqual(['implement 1', 'tests 1']);
    expect(stages.slice(6, 8)).toEqual(['verify 1', 'verify 1']); // the candidate, and its tests
    expect(stages.slice(8, 10).sort()).toEqual(['evaluate 1', 'review 1']);
    expect(stages.slice(10)).toEqual(['approve 1', 'merge 1']);
  });

  test('accounts for each call to the token: who, what, when, how long, how much', () => {
    for (const [stage, agent] of [
      ['specify', 'specifier'],
      ['implement', 'implementer'],
      ['review', 'reviewer'],
    ] as const) {
      const [billed] = run.calls({ stage });
      const record = json(`stages/${stage}/1/call.json`);
      expect(record).toMatchObject({
        ...{ agent, milestone: 'milestone', stage, iteration: 1, turns: 1, output_summary: 'as asked' },
        tokens: { input: billed!.inputTokens, output: billed!.outputTokens },
      });
      expect(record.input_summary.length).toBeLessThanOrEqual(200);
      expect(record.cost_usd).toBeGreaterThan(0);
      expect(record.duration_ms).toBeGreaterThan(0);
      expect(new Date(record.timestamp).toISOString()).toBe(record.timestamp);
      expect(run.fromLedger(`stages/${stage}/1/transcript.md`)).toContain('## assistant');
    }
  });

  test('shows the whole of it in its status: the tokens of all calls, and nothing to wait for', async () => {
    const { state, usage, waitingFor, stages, decisions } = await run.status();
    const sum = (which: 'inputTokens' | 'outputTokens') => run.calls().reduce((total, call) => total + call[which], 0);
    expect({ state, waitingFor }).toEqual({ state: 'merged', waitingFor: undefined });
    expect(usage).toMatchObject({ calls: 6, inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') });
    expect(stages.map(({ state: stage, iteration }) => `${stage} ${iteration}`)).toEqual(Array(9).fill('done 1'));
    expect(decisions).toMatchObject({ accepted: 1, refused: 0 });
  });

  test('tells its story in the timeline: each activity says what it is about', async () => {
    const [short, shortBase] = [candidate.slice(0, 10), base.slice(0, 10)];
    expect((await run.timeline()).filter((line) => !line.startsWith('callAgent — '))).toEqual([
      'openMilestone — open sums/milestone: its repository and its pipeline',
      `assembleCandidate — verify, round 1: tests and implement on ${shortBase}, as a candidate`,
      `runTests — verify, round 1: tests of ${short} on ${shortBase}`,
      `recordTests — verify, round 1: ${short} is green, 1 of 1 passed`,
      `recordDecision — approve, round 1: ${short} approved by ada`,
      `mergeCandidate — merge: ${short} into main`,
    ]);
  });

  function json(path: string) {
    return JSON.parse(run.fromLedger(path));
  }
});
