// How a run begins: the repository is found or made, and the request, the pipeline and the prompts are written down as they are now.
import { MilestonePlan } from '../domain/artifacts/milestone-plan';
import type { Definition } from '../domain/definition';
import { permanent } from '../domain/failures';
import { artifactMarkdown } from '../domain/markdown';
import { NO_ROUND, PROJECT_LEDGER, type Place } from '../domain/names';
import type { MilestoneRequest } from '../domain/request';
import type { MilestoneBrief, OpenMilestone, OpenProject, Opened } from '../domain/tasks';
import { alive } from './alive';
import type { Definitions, Ledger, Trees } from './ports';

export type OpeningActivities = ReturnType<typeof createOpeningActivities>;

type Asked = {
  place: Place;
  runId: string;
  at: string;
  request: { request: string; repository: string; base?: string; pipeline: string };
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

    headOf: ({ repository, branch }: { repository: string; branch: string }): Promise<string> =>
      alive(async () => {
        const head = await trees.head(repository, branch);
        if (head === undefined) throw permanent('RepositoryRefused', `the branch ${branch} of ${repository} is gone`);
        return head;
      }),
  };

  async function open(
    { place, runId, at, request }: Asked,
    files: readonly { path: string; content: string }[] = [],
  ): Promise<Opened> {
    const { definition, prompts } = await definitions.resolve(
      request.pipeline,
      place.milestone === PROJECT_LEDGER ? 'project' : 'milestone',
    );
    const { base: branch, head } = await trees.open(request.repository, request.base);
    const commit = await ledger.append({
      repository: request.repository,
      key: { ...place, runId, stage: 'begin', iteration: NO_ROUND },
      files: [
        { path: 'definition/request.md', content: request.request },
        { path: 'definition/definition.json', content: `${JSON.stringify(definition, null, 2)}\n` },
        ...Object.entries(prompts).map(([agent, prompt]) => ({
          path: `definition/prompts/${agent}.md`,
          content: prompt,
        })),
        ...files,
      ],
      message: `Begin ${place.project}/${place.milestone} with the pipeline ${request.pipeline}`,
      at,
    });
    return { branch, head, definition: { ...definition, commit } satisfies Definition };
  }
}

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
