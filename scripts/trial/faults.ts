// What chaos does to a trial: what is delivered, and two faults, drawn by chance that a seed repeats.
import { ofModel } from './faults/model';
import { ofNetwork } from './faults/network';
import { ofServer } from './faults/server';
import { inStages, ofMachines, ofWorkers } from './faults/workers';
import type { FaultKind } from './faults/kind';
import { whyNoClock } from './clock';
import { whyNoDisk } from './disk';
import type { Random } from './random';
import type { Plan, Victim } from './trial';

const PROJECTS = 0.25;

const everyKind: readonly FaultKind[] = [
  ...ofWorkers,
  ...ofMachines,
  ...inStages,
  ...ofModel,
  ...ofNetwork,
  ...ofServer,
];

/** The kinds that can be had here, and of the others why not. */
export function faultKinds(hasDatabase: boolean): { kinds: FaultKind[]; leftOut: string[] } {
  const missing: Readonly<Record<NonNullable<FaultKind['needs']>, string | undefined>> = {
    disk: whyNoDisk(),
    clock: whyNoClock(),
    database: hasDatabase ? undefined : 'this server has no database beside it; --server postgres has',
  };
  const why = ({ needs }: FaultKind) => needs && missing[needs];
  return {
    kinds: everyKind.filter((kind) => why(kind) === undefined),
    leftOut: everyKind.flatMap((kind) => (why(kind) === undefined ? [] : [`${kind.name}: ${why(kind)}`])),
  };
}

/** Two that can come together: a worker has room for one blow at itself. */
export function twoOf(kinds: readonly FaultKind[], random: Random): [FaultKind, FaultKind] {
  const first = random.oneOf(kinds);
  const others = kinds.filter((kind) => kind !== first && !(inStages.includes(kind) && inStages.includes(first)));
  return [first, random.oneOf(others)];
}

/** Of every four trials one delivers a project of two or three milestones, the others a milestone alone. */
export function planOf(name: string, kinds: readonly FaultKind[], random: Random, stages: readonly string[]): Plan {
  const milestones = random.next() < PROJECTS ? random.oneOf([2, 3]) : undefined;
  const parts = kinds.map((kind) => kind.make(random, stages));
  const crash = parts.find((part) => part.crash !== undefined)?.crash;
  let victim: Victim | undefined;
  return {
    ...{ name, milestones },
    equipment: kinds.flatMap(({ needs }) => (needs === 'disk' || needs === 'clock' ? [needs] : [])),
    ...(crash !== undefined && { crash }),
    says: (scenario) => parts.reduce((as, part) => part.says?.(() => victim)(as) ?? as, scenario),
    async suffers(struck) {
      victim = struck;
      await Promise.all(parts.map(async (part) => part.suffers?.(struck)));
    },
  };
}
