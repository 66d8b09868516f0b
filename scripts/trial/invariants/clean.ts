// I6, clean: when all is over no process, no folder of a sandbox, no lock and no temporary ref is left.
import { candidateRef } from '../../../src/domain/names';
import type { Evidence } from '../evidence';
import type { ProcessEntry } from '../processes';
import { mergesOf, type Words } from './words';

export function clean(evidence: Evidence): Words {
  const { runs, repository, leftovers, mirrors, trial } = evidence;
  const over = runs.every(({ closing }) => closing !== undefined);
  const merged = mergesOf(repository, trial).map(({ trailers }) =>
    candidateRef({
      project: `${trailers['Millwright-Project']?.[0]}`,
      milestone: `${trailers['Millwright-Milestone']?.[0]}`,
    }),
  );
  const temporary = repository.refs.filter(
    ({ name }) => (over && name.startsWith('refs/millwright-turns/')) || merged.includes(name),
  );
  return [
    ...orphans(evidence).map(({ pid, command, folder }) => `process ${pid} is left: ${command || folder}`),
    ...temporary.map(({ name }) => `the temporary ref ${name} is left`),
    ...repository.locks.map((file) => `the lock ${file} is left in the repository`),
    ...leftovers.map((path) => `${path} is left`),
    ...Object.entries({ 'the repository': repository.broken(), ...mirrors }).flatMap(([where, broken]) =>
      broken === '' ? [] : [`git fsck complains of ${where}: ${broken.split('\n')[0]}`],
    ),
    ...(Object.keys(mirrors).length === 0 ? ['no mirror of its workers was looked at'] : []),
  ];
}

/** Whoever came during the trial, of a session of its workers or at work in its folder, and is still there. */
function orphans({ processes, trial }: Evidence): ProcessEntry[] {
  const before = new Set(processes.before.map(({ pid, started }) => `${pid} ${started}`));
  return processes.after.filter(
    ({ pid, started, session, folder, command }) =>
      !before.has(`${pid} ${started}`) &&
      (trial.sessions.includes(session) || folder.startsWith(trial.folder) || command.includes(trial.folder)),
  );
}
