// What a run says of itself: the tree of stages, what it costs, what it waits for. Plain data, and the table made from it.
import { z } from 'zod';
import { cost, dollars, type Budget } from './account';
import { triedBefore, type Evaluated } from './attempts';
import type { Board } from './board';
import type { DecisionRecord } from './decision';
import type { EngineState } from './engine';
import type { Facts } from './handoff';
import { unlinked } from './markdown';
import { stageKind, stageNames, type Pipeline, type StageKind } from './pipeline';
import type { MilestoneResult, Outcome, Planned } from './schedule';
import { oneLine } from './plain-text';
import { Usage } from './usage';

export type WaitReason =
  | 'approval'
  | 'plan'
  | 'guidance'
  | 'credentials'
  | 'sandbox'
  | 'repository'
  | 'resume'
  | 'milestones'
  | 'backlog'
  | 'budget'
  | `queue:${string}`
  | `worker:${string}`;

export type Waiting = {
  for: WaitReason;
  since: string;
  detail: string;
  subject?: string;
  /** The protected paths, and the new dependencies, that an approval of it must name. */
  paths?: readonly string[];
  /** What is known of some of them, such as how old a package is. */
  known?: Readonly<Record<string, string>>;
};

/** Work that stands in a queue, not a decision that somebody owes. */
export const waitsForQueue = ({ for: reason }: Pick<Waiting, 'for'>): boolean => /^(queue|worker):/.test(reason);

/** A queue is named by the detail, which says how many are ahead. */
export const waitName = ({ for: reason }: Pick<Waiting, 'for'>): string =>
  reason.startsWith('queue:') ? 'queue' : reason;

export type StageTimes = { startedAt: string; endedAt?: string };

export type StageStatus = {
  name: string;
  kind: StageKind;
  state: 'waiting' | 'running' | 'done' | 'skipped';
  iteration: number;
  summary: string;
  facts: Facts;
  usage: Usage;
} & Partial<StageTimes>;

export type MilestoneStatus = Planned & {
  workflowId: string;
  /** Set once it has begun. */
  runId?: string;
  state: 'planned' | 'running' | Outcome;
  waitingFor?: Waiting;
  reason?: string;
};

/** A milestone as its project keeps it; `told` is when it spoke of itself last. */
export type KeptMilestone = MilestoneStatus & { usage: Usage; result?: MilestoneResult; told?: number };

export type RunState = 'running' | 'waiting' | Outcome;

export type Status = Evaluated & {
  id: string;
  runId: string;
  /** The earlier run that it continues, or the run itself where it may be continued. */
  session?: string;
  kind: 'project' | 'milestone';
  title: string;
  pipeline: string;
  repository: string;
  branch: string;
  base?: string;
  candidate?: string;
  state: RunState;
  reason?: string;
  waitingFor?: Waiting;
  /** The shared state, where the pipeline keeps one. */
  board?: Board;
  stages: StageStatus[];
  milestones: MilestoneStatus[];
  usage: Usage;
  budget?: Budget;
  startedAt: string;
  endedAt?: string;
  decisions: {
    accepted: number;
    refused: number;
    /** To be verified still. */
    verifying?: number;
    /** Only signed ones count. */
    signed?: true;
    recent: DecisionRecord[];
  };
};

/** What a milestone tells its project, each time that what it waits for changes. */
export const MilestoneReport = z.object({
  id: z.string(),
  usage: Usage,
  /** When it was said, and later than what was said before: they may arrive in another order. */
  told: z.number().optional(),
  /** It has ended, or is about to: the server knows how. */
  over: z.literal(true).optional(),
  waitingFor: z
    .object({
      for: z.string().transform((reason) => reason as WaitReason),
      since: z.string(),
      detail: z.string().max(1_000),
      subject: z.string().max(64).optional(),
      paths: z.array(z.string().max(300)).max(1_000).readonly().optional(),
      known: z.record(z.string().max(300), z.string().max(300)).optional(),
    })
    .optional(),
});
export type MilestoneReport = z.input<typeof MilestoneReport>;

/** For what reads the ledger itself: facts are most of what a run says. */
export const withoutFacts = (status: Status): Status => ({
  ...status,
  stages: status.stages.map((stage) => ({ ...stage, facts: {} })),
});

export function stageStatuses(
  pipeline: Pipeline,
  state: EngineState,
  seen: { times: Readonly<Record<string, StageTimes>>; usage: Readonly<Record<string, Usage>>; none: Usage },
): StageStatus[] {
  return stageNames(pipeline).map((name) => {
    const run = state.stages[name]!;
    const result = run.handoff ?? run.verdict ?? run.work;
    return {
      name,
      kind: stageKind(pipeline.stages[name]!),
      state: run.status,
      iteration: run.iteration,
      summary: run.skipped?.expression ?? result?.summary ?? '',
      facts: run.handoff?.facts ?? {},
      usage: seen.usage[name] ?? seen.none,
      ...seen.times[name],
    };
  });
}

export function outcomeWords(result: MilestoneResult): string {
  switch (result.outcome) {
    case 'merged':
      return `merged as ${result.commit.slice(0, 10)}, approved by ${result.approvedBy}${scored(result)}`;
    case 'complete':
      return `complete${scored(result)}`;
    case 'skipped':
    case 'abandoned':
    case 'failed':
    case 'blocked':
      return `${result.outcome}: ${result.reason}`;
  }
}

const scored = ({ score }: Evaluated) => (score === undefined ? '' : `, score ${score} of 5`);

const marks: Record<StageStatus['state'], string> = { waiting: '·', running: '▶', done: '✓', skipped: '↷' };
const cell = (text: string) => unlinked(oneLine(text)).replace(/[|<>`[\]\\]|&(?=#?\w+;)/g, ' ');
// The panel sets its columns side by side with nothing between them.
// It is made anew with all that happens, and hundreds of rows would show nobody anything.
const ROWS_LIMIT = 60;
const GAP = '\u00a0\u00a0\u00a0';

/** The panel of the Temporal UI: Markdown, with everything that a model wrote kept from being markup. */
export function statusMarkdown(status: Status): string {
  const { waitingFor, milestones, decisions, usage, budget } = status;
  const lines = [
    `**${cell(status.title)}** — ${status.state}${status.reason ? `: ${cell(status.reason)}` : ''}`,
    '',
    ...(waitingFor ? [`It waits for **${waitName(waitingFor)}**: ${cell(waitingFor.detail)}`, ''] : []),
    ...(waitingFor?.subject
      ? [...protectedLines(waitingFor), decidedBy(waitingFor.subject, waitingFor.paths), '']
      : []),
    ...(status.board === undefined ? [] : boardLines(status.board)),
    `| stage${GAP} | what came of it${GAP} | cost |`,
    '|:---|:---|---:|',
    ...status.stages.map((stage) => {
      const round = stage.iteration > 1 ? `\u00a0×${stage.iteration}` : '';
      const spent = cost(stage.usage.costUsd);
      return `| ${marks[stage.state]}\u00a0${stage.name}${round}${GAP} | ${cell(outcomeOf(stage))}${GAP} | ${spent} |`;
    }),
    '',
    ...attemptLines(status),
    ...milestoneLines(milestones),
    '',
    `Cost ${cost(usage.costUsd) || 'nothing'} in ${usage.calls} calls${budget === undefined ? '' : `, of a budget of ${dollars(budget.usd)}`}. ${decisionWords(decisions)}`,
  ];
  return lines.join('\n').slice(0, 15_000);
}

const decisionWords = ({ accepted, refused, verifying }: Status['decisions']) =>
  `Decisions: ${accepted} accepted, ${refused} refused${verifying ? `, ${verifying} to be verified` : ''}.`;

const boardLines = ({ fields, status, last }: Board): string[] => [
  `Status **${cell(status ?? '—')}**, last: ${cell(last ?? '—')}`,
  '',
  ...Object.entries(fields).map(([name, { summary }]) => `- **${cell(name)}**: ${cell(summary) || '—'}`),
  '',
];

function attemptLines(status: Evaluated): string[] {
  const rows = triedBefore(status).map(
    ({ iteration, score, summary }) => `| ${iteration}${GAP} | ${score}${GAP} | ${cell(summary)} |`,
  );
  return rows.length === 0
    ? []
    : [`| attempt${GAP} | score${GAP} | what fell short |`, '|:---|:---|:---|', ...rows, ''];
}

/** Of many, those that somebody may have to look at; the others are counted. */
function milestoneLines(milestones: readonly MilestoneStatus[]): string[] {
  if (milestones.length === 0) return [];
  const shown =
    milestones.length <= ROWS_LIMIT
      ? milestones
      : milestones.filter(({ state }) => !['planned', 'merged', 'complete'].includes(state)).slice(0, ROWS_LIMIT);
  const others = milestones.filter((milestone) => !shown.includes(milestone)).map(({ state }) => state);
  const counted = [...new Set(others)].map((state) => `${others.filter((other) => other === state).length} ${state}`);
  return [
    ...[`| milestone${GAP} | state${GAP} | waits for |`, '|:---|:---|:---|'],
    ...shown.map(
      ({ id, title, state, waitingFor: waits }) =>
        `| ${id}: ${cell(title)}${GAP} | ${state}${GAP} | ${waits ? cell(`${waitName(waits)}: ${waits.detail}`) : ''} |`,
    ),
    ...(counted.length === 0 ? [] : ['', `And ${counted.join(', ')}.`]),
  ];
}

const outcomeOf = ({ state, summary }: StageStatus) => (state === 'skipped' ? `not needed: ${summary}` : summary);

/** What a person pastes into "Send a signal": of the panel, this is what gets used. */
function decidedBy(subject: string, paths: readonly string[] = []): string {
  const named = paths.length === 0 ? '' : `, "paths": ${JSON.stringify(paths).replaceAll('`', '\\u0060')}`;
  return `Decide with the signal \`approve\`, or \`requestChanges\` and a "note":\n\n\`{"subject": "${subject}", "by": "your name"${named}}\``;
}

/** Set apart from the rest: what a careless look at a change would miss. */
const protectedLines = ({ paths = [], known = {} }: Waiting): string[] =>
  paths.length === 0
    ? []
    : [
        '**It changes protected paths or brings new dependencies**, which an approval must name:',
        '',
        ...paths.map((path) => `- ${cell(known[path] === undefined ? path : `${path}: ${known[path]}`)}`),
        '',
      ];
