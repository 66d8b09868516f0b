// Starts the workflow of a project, hears whether it began well, and, where that was asked for, waits for its end.
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, WorkflowIdConflictPolicy } from '@temporalio/common';
import { encryptionKeys } from '../../src/adapters/encryption/keys';
import { parseRepository } from '../../src/adapters/git/repository';
import { searchAttributes, Slug } from '../../src/domain/names';
import { queues } from '../../src/domain/queues';
import type { ProjectRequest } from '../../src/domain/request';
import { workflowLink } from '../stack/connection';
import { Ended, exitCodes } from './exit-codes';
import { projectIdFor } from './project-id';
import { oneLine, safeJson } from './safe-text';
import { ask, prepareNamespace, withServer, type Connected } from './server';
import { seeRun, type Sight } from './sight';
import { NOT_OPENED } from './silence';
import { waitForEnd } from './wait';
import { demand } from './wording';

const TITLE_LIMIT_CHARS = 120;
const SUMMARY_LIMIT_BYTES = 200;
const DETAILS_LIMIT_CHARS = 2_000;
const FIRST_LOOKS_MS = 20_000;
const LOOK_MS = 200;

type LaunchOptions = { project?: string; wait?: boolean; json?: boolean };

export async function launchProject(request: ProjectRequest, { project, wait, json }: LaunchOptions): Promise<void> {
  const id = demand(Slug, project ?? projectIdFor(wordsForId(request)), () => '--project');
  demandRepository(request.repository);
  await withServer(async (server) => {
    await prepareNamespace(server, (words) => console.error(words));
    const { firstExecutionRunId: runId } = await startProject(server, id, request);
    const ui = workflowLink(server.uiUrl, server.namespace, id);
    if (!json) console.log(`Started project ${id}\n  ${ui}`);
    const sight = await firstLook(server, id);
    if (wait) return waitForEnd(server, id, json);
    if (json) console.log(safeJson({ workflowId: id, runId, ui, state: sight.state }));
    else
      console.log(
        `${sight.silence === undefined ? '' : `  ${oneLine(sight.silence)}\n`}Follow it: npm run status -- ${id} --watch`,
      );
  });
}

/** Temporal reads ids: where it shall not see the request, they say nothing of it. */
const wordsForId = ({ request }: ProjectRequest): string => (encryptionKeys(process.env).length > 0 ? '' : request);

function demandRepository(text: string): void {
  try {
    parseRepository(text);
  } catch (error) {
    throw new Ended(exitCodes.usage, `--repository: ${(error as Error).message}`);
  }
}

export async function startProject(server: Connected, id: string, request: ProjectRequest) {
  const title = oneLine(request.request.trim().split('\n')[0]!).slice(0, TITLE_LIMIT_CHARS);
  const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
  const begin = (): Promise<WorkflowHandle & { firstExecutionRunId: string }> =>
    server.client.workflow.start('deliverProject', {
      taskQueue: queues.workflows,
      workflowId: id,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      args: [request],
      memo: { title, repository: request.repository },
      staticSummary: withinBytes(title, SUMMARY_LIMIT_BYTES),
      staticDetails: detailsOf(request),
      typedSearchAttributes: [
        { key: keyword(searchAttributes.project), value: id },
        { key: keyword(searchAttributes.state), value: 'running' },
      ],
    });
  return ask(server, begin).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const words = `A project "${id}" is running already. Follow it (npm run status -- ${id} --watch), or choose another --project.`;
    throw new Ended(exitCodes.usage, words);
  });
}

const detailsOf = ({ request, repository, base }: ProjectRequest): string =>
  `Into ${base === undefined ? 'the default branch' : `\`${base}\``} of ${repository}\n\n${request.slice(0, DETAILS_LIMIT_CHARS)}`;

function withinBytes(text: string, limit: number): string {
  let kept = text;
  while (Buffer.byteLength(kept) > limit) kept = [...kept].slice(0, -1).join('');
  return kept;
}

/** A request that cannot work fails at once, and is said at once. No worker up is no failure: it waits for one. */
async function firstLook(server: Connected, id: string): Promise<Sight> {
  for (const until = performance.now() + FIRST_LOOKS_MS; ; await pause(LOOK_MS)) {
    const sight = await seeRun(server, id);
    if (sight.failure !== undefined)
      throw new Ended(exitCodes.usage, `${id} failed at once: ${oneLine(sight.failure)}`);
    if (hasOpened(sight) || sight.over || sight.retries.length > 0) return sight;
    const isSilent = sight.silence !== undefined && sight.silence !== NOT_OPENED;
    if (isSilent || performance.now() > until) return sight;
  }
}

/** From then on there is a pipeline: the repository is there, and the definitions are good. */
const hasOpened = ({ status }: Sight) => status !== undefined && status.stages.length > 0;
