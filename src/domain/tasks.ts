// What a workflow asks of an activity: small, by reference, and with the key under which its effect is found again.
import type { Acceptance } from './acceptance';
import type { JoinedKind } from './artifacts/join';
import type { Board } from './board';
import type { Decision, DecisionKind } from './decision';
import type { MilestonePlan } from './artifacts/milestone-plan';
import type { Demand, Evidence } from './gate';
import type { ArtifactRef, Feedback } from './handoff';
import type { EffectKey, Place } from './names';
import type { Definition } from './definition';
import type { MadeBy } from './receipt';
import type { MutantVerdict, Tries } from './mutants';
import type { Part } from './parts';
import type { Retry } from './pipeline';
import type { MilestoneRequest, ProjectRequest } from './request';
import type { AgentDefinition, ModelDefinition } from './agent';
import type { RunName, Signature } from './signature';
import type { Status } from './status';
import type { TextDelta } from './text-delta';
import type { Verification } from './verification';

export type Common = {
  key: EffectKey;
  /** The run whose work this one takes over, where it does. */
  session?: string;
  /** The key of what only this run finds again then: another one has it done anew. */
  own?: EffectKey;
  /** By what it is found again then, where that is not all that it is told. */
  given?: unknown;
  repository: string;
  /** The workflow's time: what is written twice is written alike. */
  at: string;
};

export type OpenProject = { place: Place; runId: string; at: string; request: ProjectRequest };
export type OpenMilestone = { place: Place; runId: string; at: string; request: MilestoneRequest };
/** `session` names the run whose work this one takes over; it is there where the pipeline lets it. */
export type Opened = {
  branch: string;
  head: string;
  definition: Definition;
  session?: string;
  /** Its decisions must be signed: fixed when it is opened. */
  signed?: true;
};

/** The milestone that a run is about, and what its project hands down: the plan in which it stands, or another artifact. */
export type MilestoneBrief = { id: string; title: string; plan?: ArtifactRef };
export type PlannedMilestone = MilestonePlan['milestones'][number];

export type BeginTask = Common & { branch: string };
export type ApprovalTask = Common & { branch: string; subject: string };

export type AgentTask = Common & {
  agentName: string;
  agent: AgentDefinition;
  model: { alias: string } & ModelDefinition;
  /** The ledger's commit with the request and the prompts. */
  definition: string;
  milestone?: MilestoneBrief;
  reads: readonly { stage: string; artifact: ArtifactRef }[];
  feedback: readonly Feedback[];
  /** The agent's own work that has come back, and the commit that holds it. */
  previous?: { artifact: ArtifactRef; work?: string };
  base: string;
  candidate?: string;
  /** What is tried again by itself; without it, everything that may pass. */
  retry?: Retry;
  /** What this stage wants of the agent beside its prompt. */
  focus?: string;
  /** Where its files go, where the artifact only describes them. */
  into?: 'candidate';
  /** One of several that work side by side, with the files that are its own where the plan says so. */
  part?: Part;
};

export type JoinTask = Common & {
  base: string;
  kind: JoinedKind;
  parts: readonly { name: string; artifact: ArtifactRef; work?: string }[];
};

export type AssembleTask = Common & {
  base: string;
  title: string;
  /** Commits that hold the change and the tests, in the order in which they are laid on the base. */
  works: readonly { stage: string; work: string }[];
};

export type Assembly = {
  outcome: 'assembled';
  candidate: string;
  /** Of what it changes, the paths that an approval must name; what was assembled by an older version does not say. */
  protectedPaths?: readonly string[];
  /** What npm is asked for has changed, and its lockfile has not. */
  unlocked?: true;
};

export type Assembled = Assembly | { outcome: 'conflict'; stage: string; paths: readonly string[] };

export type LockTask = { repository: string; candidate: string };

/** What became of its lockfile: told by the lines of the one that it has, which may be large. Nothing where it fits as it is. */
export type Locked = { objections: readonly string[] } | { objections?: undefined; lock?: LockChange };
export type LockChange = { lockfile: string; delta: TextDelta };

export type LockCandidateTask = Omit<AssembleTask, 'works'> & { candidate: string; lock: LockChange };

export type TestTask = {
  repository: string;
  base: string;
  candidate: string;
  coverage?: number;
  acceptance?: Acceptance;
  /** New dependencies that a person has let in. */
  admitted?: readonly string[];
};
export type Tested = Verification & {
  candidate: string;
  base: string;
  tree: string;
  sandbox: string;
  ms: number;
  /** All of them, where `flaky` names the first. */
  flakyCount?: number;
  /** The user's acceptance checks that it passes. */
  acceptance?: string;
};

export type MutantsTask = {
  repository: string;
  base: string;
  candidate: string;
  threshold: number;
  seconds: number;
} & Pick<TestTask, 'admitted'>;
export type MutantsTried = MutantVerdict &
  Pick<Tries, 'untried' | 'untriedCount' | 'runs' | 'unfit'> &
  Pick<Tested, 'candidate' | 'base' | 'tree' | 'sandbox' | 'ms'> & { threshold: number };
export type RecordMutantsTask = Common & { tried: MutantsTried };

export type RecordTask = Common & {
  tested: Tested;
  /** What a failing test is linked to: the plan of tasks, and the suites that say what each test covers. */
  tasks?: { plan: ArtifactRef; suites: readonly ArtifactRef[] };
};

/** Which of these decisions are whose they say; said to this run, or, where that goes for all, to its project. */
export type VerifyTask = {
  run: RunName;
  parent?: RunName;
  decisions: readonly { kind: DecisionKind; decision: Decision }[];
};

export type ReportTask = Common & { status: Status };
export type BoardTask = Common & { board: Board; notes: string };

export type DecisionTask = Common & {
  subject: string;
  decision: 'approved' | 'changes-requested';
  by: string;
  note: string;
  decidedAt: string;
  /** The protected paths that it names. */
  paths?: readonly string[];
  signature?: Signature;
};

export type ProposalTask = { place: Place; repository: string; branch: string; title: string; workflowId: string };

export type MergeTask = Common & {
  branch: string;
  title: string;
  demand: Omit<Demand, 'base'>;
  evidence: Evidence;
  /** For the receipt. */
  madeBy?: readonly MadeBy[];
};

export type Merged =
  | { outcome: 'merged'; commit: string }
  | { outcome: 'moved'; head: string }
  | { outcome: 'conflict'; head: string; paths: readonly string[] }
  /** Everything else is in order: it is the approval that does not do, and these are the paths that it must name. */
  | { outcome: 'unapproved'; reasons: readonly string[]; protectedPaths: readonly string[] }
  | { outcome: 'refused'; reasons: readonly string[] };
