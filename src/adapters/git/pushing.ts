// Moving refs of the repository by compare-and-swap. Its own hooks run and are obeyed; ours do not.
import { isTyped, permanent, transient } from '../../domain/failures';
import { failureOf } from './failing';
import type { Finished } from './git';
import type { Mirror } from './mirror';
import { lastWords, redacted, remoteWords } from './words';

export type Move = {
  ref: string;
  /** Where the ref must stand for the move to happen; undefined where it must not be there, `anywhere` to force it. */
  from: string | undefined | 'anywhere';
  /** Undefined removes the ref. */
  to: string | undefined;
};

export type Pushed =
  | { outcome: 'pushed' }
  | { outcome: 'lost'; reason: string } // a ref was not where it had to be, or somebody was just moving it
  | { outcome: 'refused'; reason: string };

// For a repository on this machine: a checkout follows a push to its branch if it is clean, for this push only. What arrives
// is checked. Our own settings do not get there: git does not hand `-c` on to the receiving side.
const receivePack = 'git -c receive.denyCurrentBranch=updateInstead -c receive.fsckObjects=true receive-pack';

/** All of the moves, or none. */
export async function push(mirror: Mirror, moves: readonly Move[]): Promise<Pushed> {
  const { text, path } = mirror.repository;
  const leases = moves.filter(({ from }) => from !== 'anywhere');
  const options = [
    ...['--porcelain', '--no-verify', '--atomic', '--recurse-submodules=no'],
    ...leases.map(({ ref, from }) => `--force-with-lease=${ref}:${from ?? ''}`),
    ...(path === undefined ? [] : [`--receive-pack=${receivePack}`]),
  ];
  const specs = moves.map(({ ref, from, to }) => `${from === 'anywhere' ? '+' : ''}${to ?? ''}:${ref}`);
  const answers = [1, 128];
  const finished = await mirror.run(['push', ...options, '--end-of-options', text, ...specs], {
    speaksTo: text,
    answers,
  });
  return finished.code === 0 ? { outcome: 'pushed' } : notPushed(mirror, finished);
}

const lostLease = /stale info|fetch first|already exists/;
// A branch that is called like the folder of another one does not go away by itself.
const lostLock =
  /cannot lock ref (?!.*cannot create)|reference already exists|is at [0-9a-f]+ but expected|Unable to create '.*\.lock': File exists/;

// It could not take in what was sent, whatever that was.
const passing = /^\(?(?:unpacker error|unable to migrate objects|remote failed to report status|Internal Server Error)/;
const lasting = /permission|denied|maximum allowed size/i;

function notPushed({ folder, repository }: Mirror, { stdout, stderr }: Finished): Pushed {
  const lines = stdout.toString().split('\n');
  const refusals = lines.filter((line) => line.startsWith('!')).map((line) => line.split('\t').at(-1)!);
  const failure = failureOf({ verb: 'push', said: stderr, folder, speaksTo: repository.text });
  if (isTyped(failure, 'DiskFull')) throw failure;
  if (refusals.length === 0) return keptOut(failure, stderr);
  const own = refusals.filter((refusal) => !/atomic/.test(refusal)).map((refusal) => refusal.replace(/^\[.*?\] /, ''));
  const passes = own.length > 0 && own.every((words) => passing.test(words)) && !lasting.test(stderr);
  if (passes && isTyped(failure, 'RepositoryUnavailable')) throw failure;
  const reason = [remoteWords(stderr), ...own].filter(Boolean).join('\n');
  const lost = own.some((refusal) => lostLease.test(refusal)) || lostLock.test(remoteWords(stderr));
  return { outcome: lost ? 'lost' : 'refused', reason };
}

function keptOut(failure: Error, said: string): Pushed {
  // A reference-transaction hook that says no ends the other side in mid-sentence.
  if (/aborted by hook/.test(said)) return { outcome: 'refused', reason: remoteWords(said) || lastWords(said) };
  if (isTyped(failure, 'RepositoryRefused')) return { outcome: 'refused', reason: lastWords(failure.message) };
  throw failure;
}

/** For moves that have no outcome but done. */
export function assertPushed(pushed: Pushed, what: string, mirror: Mirror): void {
  const where = redacted(mirror.repository.text);
  if (pushed.outcome === 'refused') throw permanent('RepositoryRefused', `${where} refused ${what}: ${pushed.reason}`);
  if (pushed.outcome === 'lost')
    throw transient('RepositoryUnavailable', `${where}: ${what} met another writer: ${pushed.reason}`);
}
