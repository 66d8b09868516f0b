// What this demo is going to deliver, with whom and by which pipeline: the script's own request, or yours with a real model.
import { userInfo } from 'node:os';
import { randomBytes } from 'node:crypto';
import { parseRepository } from '../../src/adapters/git/repository';
import { ProjectRequest } from '../../src/domain/request';
import { Ended, exitCodes } from '../cli/exit-codes';
import { projectIdFor } from '../cli/project-id';
import { absoluteRepository, whereTyped } from '../cli/where';
import { demand } from '../cli/wording';
import { request as scriptedRequest } from './scenario';
import { DEFAULT_PIPELINE, findWay, type Way } from './way';

export type DemoOptions = { yes?: boolean; keep?: boolean; live?: string; repository?: string; pipeline?: string };

export type Choice = {
  live: boolean;
  way: Way;
  id: string;
  request: string;
  /** Without one, a new repository in the run's folder. */
  repository?: string;
  approver: string;
  yes: boolean;
  keep: boolean;
};

/** Refuses, before anything is started, what cannot work. */
export async function choose(options: DemoOptions): Promise<Choice> {
  const { yes = false, keep = false, live, repository, pipeline = DEFAULT_PIPELINE } = options;
  if (!yes && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw refusal(
      'There is no terminal to ask for approvals at. Let the demo approve by itself: npm run demo -- --yes',
    );
  }
  const approver = yes ? 'demo --yes' : nameOfYou();
  if (live === undefined && repository !== undefined)
    throw refusal('--repository goes with --live: the scripted model needs an empty one.');
  const about = live === undefined ? scriptedChoice() : liveChoice(live, repository);
  return { ...about, way: await findWay(pipeline, about.live), approver, yes, keep };
}

type About = Pick<Choice, 'live' | 'id' | 'request' | 'repository'>;

function scriptedChoice(): About {
  // On a server of your own, where others may have been before, it needs a name of its own.
  const id = process.env.TEMPORAL_ADDRESS ? `demo-${randomBytes(3).toString('hex')}` : 'demo';
  return { live: false, id, request: scriptedRequest };
}

function liveChoice(text: string, where: string | undefined): About {
  if (!process.env.OPENAI_API_KEY) {
    throw refusal(
      '--live asks a real model: set OPENAI_API_KEY to its key (and OPENAI_BASE_URL, OPENAI_MODEL where they are not ' +
        'OpenAI’s own). A local endpoint without keys takes any word. Without --live, a scripted model needs none.',
    );
  }
  const request = demand(ProjectRequest.shape.request, text, () => '--live');
  const id = projectIdFor(request);
  if (where === undefined) return { live: true, id, request };
  const repository = absoluteRepository(where, whereTyped('demo'));
  try {
    parseRepository(repository);
  } catch (error) {
    throw refusal(`--repository: ${(error as Error).message}`);
  }
  return { live: true, id, request, repository };
}

const refusal = (words: string) => new Ended(exitCodes.usage, words);

function nameOfYou(): string {
  try {
    return userInfo().username || 'you';
  } catch {
    return 'you'; // A container may run as a user that has no name.
  }
}
