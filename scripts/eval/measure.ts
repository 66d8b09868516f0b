// Delivers every task in every way that can come out differently, several at once.
import { deliver, type Delivered } from './delivery';
import type { Stand } from './stand';
import type { Task } from './tasks';
import { named, type Variant } from './variants';

export type Measured = { id: string; deliveries: Delivered[] };

type How = { parallel: number; ways: readonly Variant[]; say(line: string): void };

export async function measure(stand: Stand, tasks: readonly Task[], { parallel, ways, say }: How): Promise<Measured[]> {
  const began = Date.now();
  const measured = new Map(tasks.map((task) => [task.id, [] as Delivered[]]));
  let [at, done] = [0, 0];
  const one = async (task: Task) => {
    const deliveries = measured.get(task.id)!;
    for (const variant of ways) {
      const without = await deliver(stand, task, variant);
      deliveries.push(without, await withMutants(stand, task, variant, without));
    }
    done += 1;
    const seconds = Math.round((Date.now() - began) / 1_000);
    say(`${done} of ${tasks.length} (${seconds} s) ${task.id}: ${deliveries.map(inWords).join(', ')}`);
  };
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (at < tasks.length) await one(tasks[at++]!);
    }),
  );
  return tasks.map(({ id }) => ({ id, deliveries: measured.get(id)! }));
}

/** What is refused before the mutants' turn is refused with them as well. */
async function withMutants(stand: Stand, task: Task, variant: Variant, without: Delivered): Promise<Delivered> {
  if (without.outcome !== 'merged') return { ...without, mutants: true, ms: 0, runs: 0 };
  return deliver(stand, task, { ...variant, mutants: true });
}

function inWords({ outcome, mutants_said: said, sent_back, ...variant }: Delivered): string {
  const score = said === undefined ? '' : ` (${said.score ?? 'no score'}${sent_back ? ', sent back' : ''})`;
  return `${named(variant)} ${outcome}${score}`;
}
