// npm run start -- --request "…" --repository ../api: starts a project, and says where to follow it.
import { ProjectRequest } from '../src/domain/request';
import { launchProject } from './cli/launch';
import { readRequest } from './cli/request-text';
import { dollars, endWithReader, run, several, verb, whole } from './cli/verb';
import { absoluteRepository, whereTyped } from './cli/where';
import { asOption, demand } from './cli/wording';

type Options = {
  request?: string;
  requestFile?: string;
  repository: string;
  base?: string;
  project?: string;
  pipeline?: string;
  approver?: string[];
  agreePlan?: boolean;
  budget?: number;
  maxParallel?: number;
  maxWaiting?: number;
  wait?: boolean;
  json?: boolean;
};

const command = verb({
  name: 'start',
  does: 'Starts a project: a request, delivered into a git repository as merged, tested, reviewed and approved code.',
  examples: [
    '--request "Add JWT login to this API" --repository ../api --approver ada',
    '--request-file request.md --repository https://git.example/shop.git --project shop --agree-plan --wait',
  ],
})
  .option('--request <text>', 'what is asked for')
  .option('--request-file <file>', 'a file that says it; - reads standard input')
  .requiredOption(
    '--repository <where>',
    'a path (made where it does not exist), a bare repository, a checkout, or the URL of one that exists',
  )
  .option('--base <branch>', "the branch to deliver into; by default the repository's own")
  .option('--project <id>', "the project's id, which is its workflow's; made from the request when not given")
  .option('--pipeline <name>', 'one of pipelines/ (default: milestone)')
  .option('--approver <name>', 'who may decide, once for each; nobody named: whoever may send a signal', several)
  .option('--agree-plan', 'a person agrees to the plan before anything is built')
  .option('--budget <sum>', 'US dollars that the models may cost; then it waits', dollars)
  .option('--max-parallel <number>', 'how many milestones at once (default: 2)', whole)
  .option('--max-waiting <number>', 'with so many waiting for a queue or a worker, none begins (default: 2)', whole)
  .option('--wait', 'follows it to its end; exit code 0 only when everything was merged')
  .option('--json', 'prints { workflowId, runId, ui } (with --wait: how it ended) for a program')
  .action(start);

async function start(options: Options): Promise<void> {
  endWithReader();
  const folder = whereTyped('start');
  const { base, pipeline, agreePlan, budget, maxParallel, maxWaiting, project, wait, json } = options;
  const repository = absoluteRepository(options.repository, folder);
  const asked = { request: readRequest(options, folder), repository, base, pipeline, approvers: options.approver };
  const said = { ...asked, agreePlan, budget, maxParallel, maxWaiting };
  const request = demand(ProjectRequest, JSON.parse(JSON.stringify(said)), spelled);
  await launchProject(request, { project, wait, json });
}

const spelled = (field: string) => (field === 'approvers' ? '--approver' : asOption(field));

run(command);
