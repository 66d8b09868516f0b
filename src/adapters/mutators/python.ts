// Makes the mutants of Python, and tells which of them can be seen: both in the sandbox, where a Python is.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Sandbox } from '../../activities/ports';
import type { ChangedFile, Mutant } from '../../domain/mutants';
import type { PythonPackages } from '../provision/pytest';
import { copyTree } from './copies';
import { Made, madeOf, type MadeMutants } from './made';
import { jsonOf, SECONDS_AT_MOST, understood, type Probed, type ProbeInput } from './probed';

const REPORT = 3; // as in inside/mutate.py and inside/probe.py
const PACKAGES = '/millwright/python-packages';
const MAKING_SECONDS = 60;
const PLAN = '/millwright/plan.json';
const inside = (file: string) => ({ from: path.join(__dirname, 'inside', file), to: `/millwright/${file}` });
const probing = ['probe.py', 'record.py', 'neighbours.py', 'evaluate.py'].map(inside);

export const isPython = (file: string): boolean => file.endsWith('.py');

type Python = { sandbox: Sandbox; packages: PythonPackages };

/** They are made by Python's own parser. What it parses was written by a model, and it is no sandbox of itself. */
export async function pythonMutants(
  { sandbox, packages }: Python,
  files: readonly ChangedFile[],
  signal?: AbortSignal,
): Promise<MadeMutants> {
  return sandbox.withFolder(async (place) => {
    const box = path.join(place, 'box');
    await mkdir(box);
    const plan = path.join(place, 'plan.json');
    await writeFile(plan, JSON.stringify(files.map(({ content, lines }) => ({ content, lines }))));
    const { report } = await sandbox.run({
      command: [packages.python, '-I', '/millwright/mutate.py', PLAN],
      folder: box,
      readOnly: [inside('mutate.py'), { from: plan, to: PLAN }],
      limits: { wallSeconds: MAKING_SECONDS },
      reportDescriptor: REPORT,
      signal,
    });
    const made = z.array(Made).safeParse(jsonOf(report));
    return made.success && made.data.length === files.length ? madeOf(files, made.data) : madeOf(files, undefined);
  });
}

/** Undefined where it has nothing to say: then every fault counts. */
export async function probePython(
  packages: PythonPackages,
  files: readonly string[],
  { sandbox, folder, tests, mutants, seconds, signal }: ProbeInput,
): Promise<Probed | undefined> {
  const within = Math.min(SECONDS_AT_MOST, Math.floor(seconds));
  if (files.length === 0 || within < 1) return undefined;
  return sandbox.withFolder(async (place) => {
    const box = path.join(place, 'box');
    await copyTree(folder, box, new Map());
    const plan = path.join(place, 'plan.json');
    const faults = mutants.map(({ file, line, start, end, replacement }: Mutant) => ({
      ...{ file, line, start, end, replacement },
    }));
    await writeFile(plan, JSON.stringify({ tests: tests.filter(isPython), files, mutants: faults, seconds: within }));
    const result = await sandbox.run({
      command: [packages.python, '/millwright/probe.py'],
      folder: box,
      readOnly: [...probing, { from: packages.folder, to: PACKAGES }, { from: plan, to: PLAN }],
      environment: {
        PYTHONPATH: PACKAGES,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0', // so that what depends on the order of a set is the same each time
        PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1',
      },
      reportDescriptor: REPORT,
      signal,
    });
    return understood(result, mutants, mutants);
  });
}
