// A finished trial as a folder: what every side of it recorded by itself. The checker reads nothing else.
//
//   trial.json          what was tried, which faults came when, which secrets were planted
//   histories/*.json    each run, as `temporal workflow show --output json` has it
//   seen.json           what a person could see of each run at the end: search attributes, the UI's panel, the exit code
//   repository.git      the target repository, ledgers and all
//   model.jsonl         the model server's own log, one call a line
//   sandbox.jsonl       the sandboxes' own log
//   processes.json      /proc before and after
//   leftovers.json      what lies in the workers' folders that should be gone
//   mirrors.json        what git's own check complains of in their mirrors
//   logs/*.log          what the workers printed
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedCall } from '../scripted-model/journal';
import type { SandboxEntry } from '../../src/adapters/sandbox/logged';
import { readRun, type Run } from './history';
import type { ProcessEntry } from './processes';
import { readRepository, type Repository } from './repository';

/** Something that was done to it: from when to when, and to which process. */
export type Fault = { at: string; what: string; pid?: number };

export type Trial = {
  name: string;
  began: string;
  ended: string;
  /** Workflow ids of the runs that were started. */
  started: string[];
  faults: Fault[];
  /** How long a run may stand still after the last fault. */
  boundSeconds: number;
  /** Secrets that the workers held. */
  canaries: string[];
  branch: string;
  /** Commits of the branch that people made. */
  own: string[];
  /** What a listener on the host heard that the tested code was told to call. */
  packets: number;
  /** The sessions of its workers' processes. */
  sessions: number[];
  /** A folder that holds everything of its workers. */
  folder: string;
  /** What their clocks were set to, in seconds from the true time, where they were. */
  clocks?: number[];
};

export type Seen = {
  workflowId: string;
  attributes: Record<string, string>;
  /** The panel of the Temporal UI. */
  details: string;
  /** Of `npm run status -- ID --wait`. */
  exitCode: number | null;
};

export type Evidence = {
  folder: string;
  trial: Trial;
  runs: Run[];
  /** The histories as text, payloads decoded. */
  seen: Seen[];
  repository: Repository;
  calls: LoggedCall[];
  sandbox: SandboxEntry[];
  processes: { before: ProcessEntry[]; after: ProcessEntry[] };
  leftovers: string[];
  /** By their places. */
  mirrors: Record<string, string>;
  logs: { name: string; text: string }[];
};

export function readEvidence(folder: string): Evidence {
  const text = (name: string): string => {
    const file = join(folder, name);
    if (!existsSync(file)) throw new Error(`${folder} is no whole trial: ${name} is missing`);
    return readFileSync(file, 'utf8');
  };
  const json = <T>(name: string): T => JSON.parse(text(name)) as T;
  const lines = <T>(name: string): T[] =>
    text(name)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  const filesIn = (name: string) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`);
  return {
    folder,
    trial: json('trial.json'),
    runs: filesIn('histories').map((file) => readRun(json(file))),
    seen: json('seen.json'),
    repository: readRepository(join(folder, 'repository.git')),
    calls: lines('model.jsonl'),
    sandbox: lines('sandbox.jsonl'),
    processes: json('processes.json'),
    leftovers: json('leftovers.json'),
    mirrors: json('mirrors.json'),
    logs: filesIn('logs').map((name) => ({ name, text: text(name) })),
  };
}
