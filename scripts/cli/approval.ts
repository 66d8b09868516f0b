// The way of `approve` and `request-changes`: find what waits, show it, ask, send, and say what became of it.
import type { DecisionKind } from '../../src/domain/decision';
import { isDependency } from '../../src/domain/new-dependencies';
import type { Waiting } from '../../src/domain/status';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { confirm, isAsked } from './confirm';
import { decide, demandDecision } from './decide';
import { Ended, exitCodes } from './exit-codes';
import { tellOutcome } from './outcome';
import { readChanges } from './repository-reading';
import { oneLine } from './safe-text';
import { withServer, type Connected } from './server';
import { keyNamed } from './sign';
import { seeRun } from './sight';
import { candidateLines, planLines } from './subject-lines';
import { asOption } from './wording';
import { approvalsIn, pickApproval, waitsOf, type Wait } from './waits';

export type ApprovalOptions = {
  candidate?: string;
  by: string;
  note?: string;
  paths?: readonly string[];
  dependencies?: readonly string[];
  key?: string;
  yes?: boolean;
  json?: boolean;
};

type Approval = Wait & { subject: string };

export function settleApproval(
  kind: Extract<DecisionKind, 'approve' | 'requestChanges'>,
  id: string,
  options: ApprovalOptions,
): Promise<void> {
  const { by, note, json = false } = options;
  const named = options.candidate === undefined ? undefined : demandPrefix(options.candidate);
  return withServer(async (server) => {
    const { run, waiting, subject } = await findApproval(server, id, named);
    const lines = waiting.for === 'plan' ? planLines(run, subject) : await candidate(run, waiting, subject);
    if (!json) console.log(`${lines.join('\n')}\n`);
    const paths = kind === 'approve' ? await namedPaths(waiting, options) : undefined;
    if (paths === undefined) await confirm(kind === 'approve' ? 'Approve it?' : 'Send it back?', options);
    const decision = demandDecision(kind, { subject, by: by.trim(), note, paths });
    const key = keyNamed(options.key, asOption(kind).slice(2));
    tellOutcome({ id, run: run.id, record: await decide(server, run.id, kind, decision, key), json });
  });
}

const candidate = async (run: Wait['run'], waiting: Waiting, subject: string) =>
  candidateLines(run, subject, await readChanges(run, subject), waiting);

/** Named on the command line, or by a person who has read them at the terminal: `--yes` alone has read nothing. */
async function namedPaths({ paths = [] }: Waiting, options: ApprovalOptions): Promise<readonly string[] | undefined> {
  const given = namedBy(options, paths);
  if (paths.length === 0) return given;
  if (given === undefined && (options.yes || !isAsked()))
    throw new Ended(
      exitCodes.refused,
      `Refused, and nothing was sent: an approval must name ${oneLine(wordsFor(paths))}`,
    );
  const named = given ?? paths;
  await confirm(`Approve it, with ${oneLine(named.join(', '))}?`, options);
  return named;
}

/** A dependency may be named without saying from where: the one that waits is meant. */
function namedBy({ paths, dependencies }: ApprovalOptions, waiting: readonly string[]): readonly string[] | undefined {
  const meant = dependencies?.map(
    (one) => waiting.find((name) => isDependency(name) && /:(.*)$/.exec(name)![1] === one) ?? one,
  );
  return paths === undefined && meant === undefined ? undefined : [...(paths ?? []), ...(meant ?? [])];
}

function wordsFor(paths: readonly string[]): string {
  const [fresh, others] = [paths.filter(isDependency), paths.filter((path) => !isDependency(path))];
  return [
    ...(others.length > 0 ? [`the protected paths that it changes: --paths ${listed(others)}`] : []),
    ...(fresh.length > 0 ? [`the new dependencies that it brings: --dependencies ${listed(fresh)}`] : []),
  ].join(', and ');
}

/** As --paths takes it. */
const listed = (paths: readonly string[]) =>
  paths.some((path) => /[^\w./@:-]/.test(path)) ? `'${JSON.stringify(paths)}'` : paths.join(',');

/** Names with commas between them, or as JSON. */
export function pathsIn(value: string, before: readonly string[] = []): readonly string[] {
  if (!value.trimStart().startsWith('[')) return [...before, ...value.split(',').map((path) => path.trim())];
  const found = z.array(z.string()).safeParse(parsed(value));
  if (!found.success)
    throw new InvalidArgumentError('Expected paths with commas between them, or a JSON list of them.');
  return [...before, ...found.data];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function demandPrefix(text: string): string {
  if (/^[0-9a-f]{7,64}$/i.test(text)) return text.toLowerCase();
  throw new Ended(exitCodes.usage, `--candidate: "${oneLine(text).slice(0, 80)}" is not 7 or more digits of a commit`);
}

async function findApproval(server: Connected, id: string, named: string | undefined): Promise<Approval> {
  const { status, milestones, silence } = await seeRun(server, id);
  if (status === undefined) {
    throw new Ended(exitCodes.unanswered, `${id} cannot say what waits for an approval: ${oneLine(silence ?? '')}`);
  }
  const waits = waitsOf(status, milestones);
  const found = pickApproval(approvalsIn(waits), named);
  if ('picked' in found) return found.picked;
  if ('none' in found) {
    const standing = waits.map(({ run, waiting }) => `${run.id} waits for ${waiting.for}`).join(', ') || status.state;
    throw new Ended(exitCodes.refused, `Refused, and nothing was sent to ${id} (${standing}): ${found.none}.`);
  }
  const list = found.several.map(({ run, subject }) => `  ${run.id}  ${subject}  ${oneLine(run.title)}`);
  throw new Ended(exitCodes.usage, `Several wait in ${id}; name one by its id, or by --candidate:\n${list.join('\n')}`);
}
