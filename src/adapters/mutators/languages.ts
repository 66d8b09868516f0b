// The languages in which faults are made: what they have in common is asked here, of whichever speaks a file.
import type { Sandbox } from '../../activities/ports';
import type { ChangedFile, Mutant } from '../../domain/mutants';
import type { PythonPackages } from '../provision/pytest';
import { isJavaScript, javaScriptMutants } from './javascript';
import type { MadeMutants } from './made';
import { probeJavaScript } from './probe';
import { UNKNOWN, type Probed, type ProbeInput } from './probed';
import { isPython, probePython, pythonMutants } from './python';

export const isSpoken = (file: string): boolean => isJavaScript(file) || isPython(file);

export type Languages = MadeMutants & { probe(input: ProbeInput): Promise<Probed> };

export type Tools = {
  sandbox: Sandbox;
  /** What runs Python: asked for once there is some. */
  python(): Promise<PythonPackages>;
};

export async function makeMutants(
  { sandbox, python }: Tools,
  files: readonly ChangedFile[],
  signal?: AbortSignal,
): Promise<Languages> {
  const scripts = files.filter(({ path }) => isJavaScript(path));
  const modules = files.filter(({ path }) => isPython(path));
  const ours = await javaScriptMutants(scripts, signal);
  const packages = modules.length > 0 ? await python() : undefined;
  const theirs = packages && (await pythonMutants({ sandbox, packages }, modules, signal));
  const changed = [...new Set(theirs?.mutants.map(({ file }) => file))];
  return {
    mutants: [...ours.mutants, ...(theirs?.mutants ?? [])],
    untried: [...ours.untried, ...(theirs?.untried ?? [])],
    async probe(input) {
      const until = performance.now() + input.seconds * 1_000;
      const left = () => ({ ...input, seconds: (until - performance.now()) / 1_000 });
      const spoken = (speaks: (file: string) => boolean) => input.mutants.filter(({ file }) => speaks(file));
      const [some, others] = [spoken(isJavaScript), spoken(isPython)];
      const first = await probeJavaScript({ ...left(), mutants: some, exports: ours.exports });
      const second = packages && (await probePython(packages, changed, { ...left(), mutants: others }));
      const seen = new Map([...paired(some, first), ...paired(others, second)]);
      return {
        seen: input.mutants.map((mutant) => seen.get(mutant) ?? UNKNOWN),
        functions: [...(first?.functions ?? []), ...(second?.functions ?? [])],
      };
    },
  };
}

const paired = (mutants: readonly Mutant[], probed: Probed | undefined) =>
  mutants.map((mutant, at) => [mutant, probed?.seen[at] ?? UNKNOWN] as const);
