// What the activities need from the world. Workers pass the real ones in; each is one adapter.
import type { Allowance } from '../domain/dependencies';
import type { Definition } from '../domain/definition';
import type { ArtifactRef } from '../domain/handoff';
import type { EffectKey, Place } from '../domain/names';
import type { DependencyLook } from '../domain/new-dependencies';
import type { ChangedFile, Tries } from '../domain/mutants';
import type { TestRun } from '../domain/test-run';
import type { Usage } from '../domain/usage';

// ── git: trees ──────────────────────────────────────────────────────────────────────────────────────────────────

export type TreeEntry = { path: string; mode: string; sha: string; bytes: number };
export type FileChange = { path: string; content: string } | { path: string; deleted: true };
export type FileDiff = { path: string; added: number; deleted: number };
export type MergedTree = { tree: string; conflicts: readonly string[] };

/** Reading and writing commits of a target repository without a working tree. Every worker has its own mirror. */
export interface Trees {
  /** Makes a bare repository where the path does not exist, and says where the base branch stands. */
  open(repository: string, base?: string): Promise<{ base: string; head: string }>;
  /** Where the branch stands now; undefined when it is gone. */
  head(repository: string, branch: string): Promise<string | undefined>;
  treeOf(repository: string, commit: string): Promise<string>;
  /** No commit that is gone from the repository is one. */
  isAncestor(repository: string, ancestor: string, descendant: string): Promise<boolean>;
  parents(repository: string, commit: string): Promise<string[]>;
  /** Every file at a commit or tree, submodules and symlinks included (see `mode`). */
  list(repository: string, treeish: string): Promise<readonly TreeEntry[]>;
  /** Contents by path; a path that is missing, binary or over the limit is left out. */
  read(
    repository: string,
    treeish: string,
    paths: readonly string[],
    limitBytes?: number,
  ): Promise<Map<string, string>>;
  search(
    repository: string,
    treeish: string,
    text: string,
    limit: number,
  ): Promise<{ path: string; line: number; text: string }[]>;
  /** Of these paths alone, where they are given. */
  diff(
    repository: string,
    from: string,
    to: string,
    paths?: readonly string[],
  ): Promise<{ files: FileDiff[]; patch: string }>;
  /** A commit on `parents` whose tree is that of `onto` with the changes made. Same input, same SHA. Stays in the mirror until something pushed reaches it. */
  commit(input: {
    repository: string;
    onto: string;
    parents: readonly string[];
    changes: readonly FileChange[];
    message: string;
    at: string;
  }): Promise<string>;
  /** The merge of two commits as a tree. Conflicted files carry their markers, and are named. */
  mergeTree(repository: string, ours: string, theirs: string): Promise<MergedTree>;
  /** A commit of a given tree (a merge of two, say), in the mirror. */
  commitTree(input: {
    repository: string;
    tree: string;
    parents: readonly string[];
    message: string;
    at: string;
  }): Promise<string>;
  /** Moves the milestone's candidate branch to this commit, whatever it was: the branch shows, it does not decide. */
  propose(repository: string, place: Place, commit: string): Promise<void>;
  /** Removes the candidate branch; harmless when it is gone. */
  withdraw(repository: string, place: Place): Promise<void>;
  /** Writes the files of a tree into an empty folder: regular files only, no links, no `.git`, none that keep secrets. */
  extract(repository: string, treeish: string, folder: string, paths?: readonly string[]): Promise<void>;
}

// ── git: ledger ─────────────────────────────────────────────────────────────────────────────────────────────────

/** One attempt at a piece of work: by the server's clock, which every worker hears from the server, the later one has it. */
export type Attempt = { number: number; given: number };

export type LedgerEntry = { commit: string; message: string; at: string; key?: string };

/** The audit trail of a milestone: plain files, one commit a stage, each found again by its effect's key. */
export interface Ledger {
  /** The commit that this effect left, when it has already happened. */
  find(repository: string, key: EffectKey): Promise<string | undefined>;
  /**
   * Adds a commit with these files on top of the ledger; `keeps` are source commits that it makes reachable (as further
   * parents). Idempotent by key: a second call returns the first commit. Safe beside other writers.
   */
  append(input: {
    repository: string;
    key: EffectKey;
    files: readonly { path: string; content: string }[];
    /** What is added to the end of a file as it is by then. */
    adds?: readonly { path: string; content: string }[];
    message: string;
    at: string;
    keeps?: readonly string[];
    /** The call whose turns it takes the place of, where they were saved under another key than its own. */
    turnsOf?: EffectKey;
    /** Nothing is added where a later attempt has taken over: `StaleAttempt`. */
    attempt?: Attempt;
  }): Promise<string>;
  read(repository: string, ref: Pick<ArtifactRef, 'commit' | 'path'>): Promise<string>;
  entries(repository: string, place: Place): Promise<LedgerEntry[]>;
  /** The same of many places, for which the repository is asked once. */
  entriesOfEach(repository: string, places: readonly Place[]): Promise<LedgerEntry[][]>;
  /** Checkpoints of a call's finished turns, counted from 0, outside this process, until `append` removes them. */
  saveTurn(repository: string, key: EffectKey, turn: number, content: string, attempt?: Attempt): Promise<void>;
  turns(repository: string, key: EffectKey): Promise<string[]>;
  /** The turns that there are; from here on no earlier attempt saves one more, or adds the entry. */
  takeOver(repository: string, key: EffectKey, attempt: Attempt): Promise<string[]>;
  /** The calls that have turns there. */
  unfinished(repository: string): Promise<EffectKey[]>;
  /** Removes the turns of a call that nobody waits for any more; a later attempt's stay. */
  dropTurns(repository: string, key: EffectKey, attempt?: Attempt): Promise<void>;
}

// ── git: base branch ────────────────────────────────────────────────────────────────────────────────────────────

export type MergeOutcome =
  | { outcome: 'merged'; commit: string; base: string } // onto this base: another one where an earlier run merged it
  | { outcome: 'moved'; head: string } // the base is no longer where the evidence says
  | { outcome: 'refused'; reason: string }; // the repository said no: hook, dirty checkout, permission

/** The only way the base branch moves. Held by the gate's worker alone. */
export interface BaseBranch {
  /**
   * Merges `candidate` into `branch` as one commit with exactly `tree`, if the branch still stands at `base`. Merging
   * twice is merging once: a merge with this key that is already in the branch is returned.
   */
  merge(input: {
    repository: string;
    branch: string;
    base: string;
    candidate: string;
    tree: string;
    message: string;
    trailers: readonly (readonly [string, string])[];
    key: EffectKey;
    at: string;
  }): Promise<MergeOutcome>;
}

// ── git: protection ─────────────────────────────────────────────────────────────────────────────────────────────

export interface Protection {
  /** What an approval must name, as the first tree's own policy has it: paths that differ, and new dependencies. */
  pathsIn(repository: string, base: string, treeish: string): Promise<string[]>;
}

// ── signing ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Vouches for what the gate says. Held by the gate's worker alone. */
export interface Signer {
  sign(content: Buffer): Promise<{ keyid: string; sig: string }>;
}

/** Whose signatures the operator lets count. */
export interface Signers {
  /** Why this is not the word of `by`; undefined where it is. */
  objection(said: { by: string; text: string; sshsig: string; namespace: string }): Promise<string | undefined>;
}

// ── forge ───────────────────────────────────────────────────────────────────────────────────────────────────────

export type Proposal =
  | { outcome: 'none' } // the repository lies at no forge that this worker knows
  | { outcome: 'open'; url: string }
  | { outcome: 'refused'; reason: string };

/** Where people look at changes: a proposal is shown there, and merged by the gate. */
export interface Forge {
  /** A pull request for this branch: the one that is open, or a new one. */
  propose(change: { repository: string; branch: string; base: string; title: string; body: string }): Promise<Proposal>;
}

// ── model ───────────────────────────────────────────────────────────────────────────────────────────────────────

export type ToolCall = { id: string; name: string; arguments: string };
export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: readonly ToolCall[] }
  | { role: 'tool'; callId: string; content: string };

export type Tool = { name: string; description: string; parameters: Record<string, unknown> };

export type ModelCall = {
  /** The alias in models.yaml: endpoint and key are the worker's own. */
  alias: string;
  model: string;
  limits: { outputTokens: number; totalSeconds: number; idleSeconds: number };
  price: { inputUsdPerMillion: number; outputUsdPerMillion: number };
  messages: readonly Message[];
  tools: readonly Tool[];
  /** The artifact's name and its JSON Schema. */
  schema: { name: string; json: Record<string, unknown> };
  headers: Readonly<Record<string, string>>;
  idempotencyKey: string;
  signal: AbortSignal;
  onProgress?: (receivedChars: number) => void;
};

/** What the endpoint said. Retryable faults and missing credentials are thrown, typed (see domain/failures). */
export type ModelAnswer = { usage: Usage; model: string } & (
  | { said: 'text'; text: string }
  | { said: 'tools'; text: string; calls: readonly ToolCall[] }
  | { said: 'cut-off' | 'empty'; text: string }
  | { said: 'refusal' | 'filtered' | 'too-long'; reason: string }
);

export interface Model {
  answer(call: ModelCall): Promise<ModelAnswer>;
}

// ── dependencies ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Dependencies {
  /** What a change onto this base may depend on. */
  allowance(repository: string, base: string): Promise<Allowance>;
  /** The packages that a tree brings and nobody has allowed on this base, as an approval names them. */
  brought(repository: string, base: string, treeish: string): Promise<string[]>;
}

export interface Packages {
  /** What the registries know of these, in their order. */
  look(named: readonly string[]): Promise<DependencyLook[]>;
}

// ── setup ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the installed dependencies of a tree lie on this machine, and where they are in the sandbox. */
export type Installed = {
  mounts: readonly { from: string; to: string }[];
  environment: Readonly<Record<string, string>>;
  /** What was installed, or why nothing was, for reports; empty where there is nothing to install. */
  words: string;
};

/** Installs what the lockfiles of a tree say, once on each machine, and nothing else. */
export interface Setup {
  /** What cannot be retried away is an objection to the tree: to a lockfile of it, or to what the registry has for it. */
  setUp(input: {
    repository: string;
    treeish: string;
    entries: readonly TreeEntry[];
    signal?: AbortSignal;
  }): Promise<Installed | { objections: readonly string[] }>;
}

/** Makes the lockfile of a tree fit what its manifests ask for. It fetches descriptions, and no package. */
export interface Locks {
  /** Undefined where there is no lockfile that is understood. */
  lock(input: {
    repository: string;
    treeish: string;
    signal?: AbortSignal;
  }): Promise<{ lockfile: string; before: string; text: string } | { objections: readonly string[] } | undefined>;
}

// ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Secrets {
  /** The text without any secret that this worker holds: a mark stands in its place. */
  redact(text: string): string;
  /** What looks like a secret of anybody's, and the rule that says so. */
  find(text: string): Promise<{ rule: string; text: string }[]>;
}

// ── sandbox ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type SandboxRun = {
  command: readonly string[];
  /** A folder of the host that is copied to /box: what the command writes there is gone with it. */
  folder: string;
  /** Further folders or files of the host, read-only; a folder may lie in /box. */
  readOnly?: readonly { from: string; to: string }[];
  /** A socket of the host, the one way out of the sandbox. */
  socket?: { from: string; to: string };
  environment?: Readonly<Record<string, string>>;
  limits?: Partial<SandboxLimits>;
  /** Opens this descriptor number for a report that is no part of stdout or stderr. */
  reportDescriptor?: number;
  /** Takes the report as it comes; then the result has none. */
  onReport?: (chunk: Buffer) => void;
  signal?: AbortSignal;
};

export type SandboxLimits = {
  wallSeconds: number;
  cpuSeconds: number;
  processes: number;
  memoryBytes: number;
  fileBytes: number;
  diskBytes: number;
  outputBytes: number;
  reportBytes: number;
};

export type SandboxResult = {
  exitCode: number | null;
  stopped: 'wall' | 'output' | 'cancelled' | null;
  stdout: string;
  stderr: string;
  report: string;
  ms: number;
};

export interface Sandbox {
  /** What keeps the code in, in words for reports; throws `SandboxMissing` with the cure when nothing does. */
  describe(): Promise<string>;
  /** A fresh folder that a run may use as /box, removed when `work` ends, whatever ends it. */
  withFolder<T>(work: (folder: string) => Promise<T>): Promise<T>;
  run(run: SandboxRun): Promise<SandboxResult>;
}

// ── test runner ─────────────────────────────────────────────────────────────────────────────────────────────────

export type { TestCase, TestRun } from '../domain/test-run';

export interface TestRunner {
  /** Runs the given test files (all of the tree's, when none are named) of the files in a sandbox folder. */
  run(input: {
    folder: string;
    files: readonly string[];
    only?: readonly string[];
    coverage: boolean;
    /** What the tests may use of others. */
    installed?: Installed;
    /** How long a test file may take, where the runner can say so. */
    timeoutSeconds?: number;
    signal?: AbortSignal;
  }): Promise<TestRun>;
}

// ── mutants ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes small faults in the lines that a candidate changes, and tries each against its tests. */
export interface MutantTrials {
  run(input: {
    /** The candidate's tree, with tests of base and tester alone. */
    folder: string;
    tests: readonly string[];
    installed?: Installed;
    files: readonly ChangedFile[];
    /** Which of the faults are taken where there is no time for all. */
    seed: string;
    seconds: number;
    signal?: AbortSignal;
  }): Promise<Tries>;
}

// ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Pipelines, agents and models as the operator's files have them now; a broken file is refused with file, line and cure. */
export interface Definitions {
  resolve(
    pipeline: string,
    level: 'project' | 'milestone',
  ): Promise<{ definition: Omit<Definition, 'commit'>; prompts: Readonly<Record<string, string>> }>;
}
