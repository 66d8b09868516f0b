// Checkpoints of a call's finished turns, one file each in a temporary ref, until the ledger has the call's outcome.
import { createHash } from 'node:crypto';
import type { TreeEntry } from '../../activities/ports';
import { transient } from '../../domain/failures';
import type { EffectKey } from '../../domain/names';
import { commitAt, keyText, withTrailers } from './history';
import { positions, resolve, type Mirror } from './mirror';
import { blobs, entriesOf } from './objects';
import { assertPushed, push } from './pushing';
import { writeCommit } from './writing';

const ATTEMPTS = 3;
// Turns are made again from nothing but the same input: their commits carry no time of their own.
const NO_TIME = '1970-01-01T00:00:00Z';

/** One component for iteration and part, so that no ref's name is a folder of another's. */
export function turnsRef({ project, milestone, stage, iteration, part }: EffectKey): string {
  const last = part === undefined ? `${iteration}` : `${iteration}-${component(part)}`;
  return `refs/millwright-turns/${project}/${milestone}/${component(stage)}/${last}`;
}

const component = (name: string): string =>
  /^[a-z0-9][a-z0-9-]{0,60}$/.test(name) ? name : createHash('sha256').update(name).digest('hex').slice(0, 20);

type Saved = { tip?: string; tree?: string; files: TreeEntry[] };

export async function savedTurns(mirror: Mirror, key: EffectKey): Promise<string[]> {
  const { files } = await saved(mirror, key);
  const shas = files.map(({ sha }) => sha);
  return (await blobs(mirror, shas)).map((content) => content.toString());
}

// The ref is named for the place in the pipeline; turns of another run at the same place are not this run's.
async function saved(mirror: Mirror, key: EffectKey): Promise<Saved> {
  const ref = turnsRef(key);
  const tip = (await positions(mirror, [ref])).get(ref);
  if (tip === undefined) return { files: [] };
  const [tree] = await resolve(mirror, [`${tip}^{tree}`]);
  if ((await commitAt(mirror, tip)).key !== keyText(key)) return { tip, files: [] };
  return { tip, tree, files: await entriesOf(mirror, tree!) };
}

/** Turns count from 0. The first to save a turn has it; who comes with another one, or out of order, changes nothing and is told. */
export async function saveTurn(mirror: Mirror, key: EffectKey, turn: number, content: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await saved(mirror, key);
    if (before.files.length !== turn) return assertSame(mirror, before, turn, content);
    if (await added(mirror, key, before, content)) return;
  }
  throw overtaken(turn, 'other writers came first');
}

async function added(mirror: Mirror, key: EffectKey, { tip, tree, files }: Saved, content: string): Promise<boolean> {
  const to = await writeCommit(mirror, {
    tree,
    parents: tip === undefined ? [] : [tip],
    changes: [{ path: `turn-${String(files.length).padStart(6, '0')}`, content }],
    message: withTrailers(`Turn ${files.length}`, key),
    at: NO_TIME,
  });
  const pushed = await push(mirror, [{ ref: turnsRef(key), from: tip, to }]);
  if (pushed.outcome === 'refused') assertPushed(pushed, 'a turn', mirror);
  return pushed.outcome === 'pushed';
}

async function assertSame(mirror: Mirror, { files }: Saved, turn: number, content: string): Promise<void> {
  const there = files[turn];
  if (there === undefined) throw overtaken(turn, `${files.length} are saved`);
  const [before] = await blobs(mirror, [there.sha]);
  if (before!.toString() !== Buffer.from(content).toString()) throw overtaken(turn, 'another worker has saved it');
}

const overtaken = (turn: number, reason: string) =>
  transient('RepositoryUnavailable', `turn ${turn} could not be saved: ${reason}`);
