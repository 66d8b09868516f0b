// How a run begins: the repository is found or made, and the request, the pipeline and the prompts are written down as they are now.
import { z } from 'zod';
import { MilestonePlan } from '../domain/artifacts/milestone-plan';
import type { Definition } from '../domain/definition';
import { permanent } from '../domain/failures';
import { artifactMarkdown } from '../domain/markdown';
import { NO_ROUND, PROJECT_LEDGER, Sha, type Place } from '../domain/names';
import type { MilestoneRequest, ProjectRequest } from '../domain/request';
import type { BeginTask, MilestoneBrief, OpenMilestone, OpenProject, Opened } from '../domain/tasks';
import { alive } from './alive';
import { json, TRANSCRIPT } from './entry';
import { digestOf } from './session';
import type { Definitions, Ledger, Trees } from './ports';

export type OpeningActivities = ReturnType<typeof createOpeningActivities>;

type Asked = {
  place: Place;
  runId: string;
  at: string;
  request: ProjectRequest | MilestoneRequest;
};

export function createOpeningActivities({
  trees,
  ledger,
  definitions,
}: {
  trees: Trees;
  ledger: Ledger;
  definitions: Definitions;
}) {
  return {
    openProject: (task: OpenProject): Promise<Opened> => alive(() => open(task)),

    openMilestone: (task: OpenMilestone): Promise<Opened & { milestone: MilestoneBrief }> =>
      alive(async () => {
        const { request, place } = task;
        const plan = planOfOne(place, request);
        const files = [
          { path: PLAN_PATH, content: `${JSON.stringify(plan, null, 2)}\n` },
          { path: 'definition/MilestonePlan.md', content: artifactMarkdown('The milestone', plan) },
        ];
        const opened = await open(task, files);
        const { id, title } = plan.milestones[0]!;
        return {
          ...opened,
          milestone: { id, title, plan: { kind: 'MilestonePlan', commit: opened.definition.commit, path: PLAN_PATH } },
        };
      }),

    /** Where a milestone of a session began, however often it begins. */
    beginAgain: ({ repository, branch, key, at }: BeginTask): Promise<string> =>
      alive(async () => {
        const head = await headOf(repository, branch);
        const files = [{ path: BASE_PATH, content: json({ base: head }) }];
        const message = `Begin ${key.project}/${key.milestone}`;
        const commit = await ledger.append({ repository, key, files, message, at });
        return (JSON.parse(await ledger.read(repository, { commit, path: BASE_PATH })) as { base: string }).base;
      }),

    headOf: ({ repository, branch }: { repository: string; branch: string }): Promise<string> =>
      alive(() => headOf(repository, branch)),
  };

  async function headOf(repository: string, branch: string): Promise<string> {
    const head = await trees.head(repository, branch);
    if (head === undefined) throw permanent('RepositoryRefused', `the branch ${branch} of ${repository} is gone`);
    return head;
  }

  async function open(
    { place, runId, at, request }: Asked,
    files: readonly { path: string; content: string }[] = [],
  ): Promise<Opened> {
    const { definition, prompts } = await definitions.resolve(
      request.pipeline,
      place.milestone === PROJECT_LEDGER ? 'project' : 'milestone',
    );
    const opened = await trees.open(request.repository, request.base);
    const branch = opened.base;
    const session = await sessionOf({ place, runId, request, definition, head: opened.head });
    const own = { ...place, stage: 'begin', iteration: NO_ROUND };
    const { repository } = request;
    const commit = await ledger.append({
      ...{ repository, at, key: { ...own, runId: session?.id ?? runId } },
      files: [
        { path: TRANSCRIPT, content: `# ${place.project}/${place.milestone}\n\n${request.request}\n` },
        { path: 'definition/request.md', content: request.request },
        { path: 'definition/definition.json', content: json(definition) },
        ...Object.entries(prompts).map(([agent, prompt]) => ({
          path: `definition/prompts/${agent}.md`,
          content: prompt,
        })),
        ...(session === undefined ? [] : [{ path: SESSION_PATH, content: json(session) }]),
        ...files,
      ],
      message: `Begin ${place.project}/${place.milestone} with the pipeline ${request.pipeline}`,
    });
    if (session !== undefined && session.id !== runId) {
      const message = `Go on with ${place.project}/${place.milestone} where an earlier run left it`;
      await ledger.append({ repository, at, key: { ...own, runId }, files: [], message });
    }
    return {
      ...{ branch, head: session?.base ?? opened.head, definition: { ...definition, commit } },
      ...(session !== undefined && { session: session.id }),
    };
  }

  /** Where the pipeline lets a run continue an earlier one: that one, or this run as the first. */
  async function sessionOf(asked: {
    place: Place;
    runId: string;
    request: Asked['request'];
    definition: Omit<Definition, 'commit'>;
    head: string;
  }): Promise<Session | undefined> {
    const { place, runId, request, definition, head } = asked;
    if (definition.pipelines[request.pipeline]?.restart !== 'continue') return undefined;
    // Who may decide, how much is done at once and what it may cost is no part of the work.
    const work = { ...request, approvers: undefined, maxParallel: undefined, maxWaiting: undefined, budget: undefined };
    const digest = digestOf([work, definition]);
    const left = await sessionLeft(request.repository, place);
    // From a base that the branch was taken off, nothing goes on: what was dropped there would come back with it.
    const goesOn = left?.digest === digest && (await trees.isAncestor(request.repository, left.base, head));
    return goesOn ? left : { id: runId, digest, base: head };
  }

  async function sessionLeft(repository: string, place: Place): Promise<Session | undefined> {
    const last = (await ledger.entries(repository, place)).at(-1);
    if (last === undefined) return undefined;
    const files = await trees.read(repository, last.commit, [SESSION_PATH]);
    const text = files.get(SESSION_PATH);
    return text === undefined ? undefined : sessionIn(text);
  }
}

/** The work of runs that continue each other, and where the first of them began. */
const Session = z.object({ id: z.string().regex(/^[\w-]{1,64}$/), digest: z.string(), base: Sha });
type Session = z.infer<typeof Session>;

/** Whoever may push there may have written it: what cannot be read is no session. */
function sessionIn(text: string): Session | undefined {
  try {
    return Session.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const SESSION_PATH = 'definition/session.json';
const BASE_PATH = 'definition/base.json';
const PLAN_PATH = 'definition/MilestonePlan.json';

/** A milestone that was started alone stands in a plan of one. */
function planOfOne(place: Place, { request, title, acceptance_criteria }: MilestoneRequest): MilestonePlan {
  return MilestonePlan.parse({
    summary: 'a milestone started on its own',
    confidence: 1,
    milestones: [
      {
        id: place.milestone,
        title: title ?? request.split('\n')[0]!.slice(0, 200),
        description: request,
        acceptance_criteria,
        dependencies: [],
        feedback: '',
        tasks: [],
      },
    ],
    out_of_scope: [],
  });
}
