// One delivery, from its own new repository to its end: who approves says yes, and who is asked for guidance gives up.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { MutantReport } from '../../src/domain/artifacts/mutant-report';
import { ledgerRef, LONE_MILESTONE } from '../../src/domain/names';
import { isTestFile } from '../../src/domain/paths';
import { queues } from '../../src/domain/queues';
import type { Status } from '../../src/domain/status';
import { abandon, approve, status } from '../../src/workflows/messages';
import { PLAIN, WITH_MUTANTS } from './definitions';
import type { Stand } from './stand';
import type { Files, Task } from './tasks';
import { named, type Variant } from './variants';

const execute = promisify(execFile);

const LOOK_MS = 150;
const PATIENCE_MS = 15 * 60_000;
const BY = 'eval';

export type Delivered = Variant & {
  outcome: 'merged' | 'refused' | 'lost';
  /** Why not. */
  reason?: string;
  ms: number;
  /** Runs in the sandbox. */
  runs: number;
  /** What the first check of mutants said of the tests that it was given. */
  mutants_said?: Pick<MutantReport, 'score' | 'share' | 'breadth' | 'tried' | 'caught' | 'equivalent'> & { ms: number };
  /** That check sent the tests back. */
  sent_back: boolean;
};

export async function deliver(stand: Stand, task: Task, variant: Variant): Promise<Delivered> {
  const project = `${task.id}-${named(variant)}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48);
  stand.parts.set(project, { task, variant });
  const repository = await repositoryOf(join(stand.folder.path, 'repositories', project), task.files);
  const began = performance.now();
  const handle = await stand.server.client.workflow.start('deliverMilestone', {
    ...{ taskQueue: queues.workflows, workflowId: project },
    args: [{ request: task.request, repository, pipeline: variant.mutants ? WITH_MUTANTS : PLAIN }],
  });
  const last = await Promise.race([follow(handle), stand.lost]);
  const ms = Math.round(performance.now() - began);
  const found = last === undefined ? [] : await reportsIn(repository, project);
  const own = task.files.some(({ path }) => isTestFile(path));
  const first = found.find(({ kind, round }) => kind === 'MutantReport' && round === 1)?.report as
    MutantReport | undefined;
  return {
    ...variant,
    outcome: last === undefined ? 'lost' : last.state === 'merged' ? 'merged' : 'refused',
    ...(last?.reason !== undefined && { reason: last.reason }),
    ms,
    runs: found.reduce((sum, one) => sum + (one.kind === 'TestReport' ? (own ? 4 : 2) : one.report.runs!), 0),
    ...(first && { mutants_said: saidBy(first) }),
    sent_back: first !== undefined && first.score !== null && first.score < first.threshold,
  };
}

const saidBy = ({ score, share, breadth, tried, caught, equivalent, ms }: MutantReport) => ({
  ...{ score, share, breadth, tried, caught, equivalent, ms },
});

type Handle = Awaited<ReturnType<Stand['server']['client']['workflow']['start']>>;

/** Its status at its end; undefined where it comes to none. */
async function follow(handle: Handle): Promise<Status | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  const told = new Set<string>();
  while (Date.now() < deadline) {
    const now = await handle.query(status).catch(() => undefined);
    if (now !== undefined && !['running', 'waiting'].includes(now.state)) {
      await handle.result().catch(() => undefined);
      return now;
    }
    const { for: waits, subject = '' } = now?.waitingFor ?? {};
    if (waits === 'approval' && !told.has(subject)) {
      told.add(subject);
      await handle.signal(approve, { subject, by: BY });
    }
    if (waits === 'guidance') await handle.signal(abandon, { by: BY, note: now!.waitingFor!.detail.slice(0, 200) });
    await pause(LOOK_MS);
  }
  await handle.terminate('it took too long').catch(() => undefined);
  return undefined;
}

// ── git ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function git(folder: string, ...args: string[]): Promise<string> {
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_AUTHOR_NAME: BY, GIT_AUTHOR_EMAIL: 'eval@localhost', GIT_COMMITTER_NAME: BY },
    GIT_COMMITTER_EMAIL: 'eval@localhost',
  };
  return (await execute('git', args, { cwd: folder, env, maxBuffer: 2 ** 26 })).stdout;
}

/** A bare repository with one commit of these files. */
async function repositoryOf(folder: string, files: Files): Promise<string> {
  const checkout = join(folder, 'checkout');
  mkdirSync(checkout, { recursive: true });
  for (const { path, content } of files) {
    mkdirSync(join(checkout, dirname(path)), { recursive: true });
    writeFileSync(join(checkout, path), content);
  }
  await git(checkout, 'init', '--quiet', '--template=', '--initial-branch=main');
  await git(checkout, 'add', '--all', '--force');
  await git(checkout, 'commit', '--quiet', '--allow-empty', '--message=first');
  await git(folder, 'clone', '--quiet', '--bare', '--template=', checkout, 'bare.git');
  return join(folder, 'bare.git');
}

type Found = { kind: string; round: number; report: { runs?: number } };

/** The reports of all its checks, from its ledger. */
async function reportsIn(repository: string, project: string): Promise<Found[]> {
  const ref = ledgerRef({ project, milestone: LONE_MILESTONE });
  const paths = (await git(repository, 'ls-tree', '-r', '--name-only', ref)).split('\n');
  const found = paths.flatMap((path) => {
    const [, round, kind] = /^stages\/[^/]+\/(\d+)[^/]*\/(TestReport|MutantReport)\.json$/.exec(path) ?? [];
    return kind === undefined ? [] : [{ path, kind, round: Number(round) }];
  });
  return Promise.all(
    found.map(async ({ path, ...one }) => ({
      ...one,
      report: JSON.parse(await git(repository, 'show', `${ref}:${path}`)) as { runs?: number },
    })),
  );
}
