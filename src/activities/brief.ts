// What an agent is given to read: what its YAML declares, and nothing else.
import { createHash } from 'node:crypto';
import { MilestonePlan } from '../domain/artifacts/milestone-plan';
import type { ArtifactRef } from '../domain/handoff';
import { effectKey } from '../domain/names';
import { systemPrompt, userPrompt, type Material } from '../domain/prompt';
import type { Part } from '../domain/parts';
import { isSecretFile } from '../domain/secrets';
import type { AgentTask } from '../domain/tasks';
import type { Ledger, Message, TreeEntry, Trees } from './ports';

const SNAPSHOT_LIMIT_CHARS = 60_000;
const SNAPSHOT_FILE_LIMIT_BYTES = 16_000;
// More than is shown: some of it will be binary.
const SNAPSHOT_READ_LIMIT_BYTES = 1_000_000;
const DIFF_LIMIT_CHARS = 80_000;

type From = { trees: Trees; ledger: Ledger; start: string };

export async function briefFor(task: AgentTask, from: From): Promise<Message[]> {
  const { ledger } = from;
  const prompt = await ledger.read(task.repository, {
    commit: task.definition,
    path: `definition/prompts/${task.agentName}.md`,
  });
  const nonce = nonceFor(task);
  const materials = [
    ...(await ambient(task, from)),
    ...(await Promise.all(
      task.reads.map(async ({ stage, artifact }) => ({
        title: stage,
        content: await ledger.read(task.repository, artifact),
      })),
    )),
    ...(await ownWork(task, from)),
  ];
  const asked = { nonce, again: task.previous !== undefined };
  return [
    { role: 'system', content: systemPrompt([prompt.trim(), task.focus ?? ''].join('\n\n'), nonce) },
    { role: 'user', content: userPrompt(materials, await fullFeedback(task, ledger), asked) },
  ];
}

/** Nothing that was written before this run can know it, and a repeated attempt has the same again. */
const nonceFor = (task: AgentTask) => createHash('sha256').update(effectKey(task.key)).digest('hex').slice(0, 12);

async function ambient(task: AgentTask, { trees, ledger, start }: From): Promise<Material[]> {
  const { agent, repository, milestone, candidate } = task;
  const wants = (name: string) => agent.reads.includes(name);
  const materials: Material[] = [];
  if (wants('request'))
    materials.push({
      title: 'request',
      content: await ledger.read(repository, { commit: task.definition, path: 'definition/request.md' }),
    });
  if (wants('milestone') && milestone?.plan !== undefined)
    materials.push({ title: 'milestone', content: await handedDown(ledger, repository, milestone.id, milestone.plan) });
  if (task.part !== undefined)
    materials.push({
      title: 'your part',
      content: partWords(task.part),
    });
  if (wants('repository'))
    materials.push({ title: 'repository', content: await snapshot(trees, repository, candidate ?? start) });
  if (wants('candidate') && candidate !== undefined) {
    const { patch } = await trees.diff(repository, task.base, candidate, task.part?.files);
    materials.push({ title: 'candidate', content: patch.slice(0, DIFF_LIMIT_CHARS) });
  }
  return materials;
}

/** Of a plan of milestones its own; any other artifact whole. */
async function handedDown(ledger: Ledger, repository: string, id: string, plan: ArtifactRef): Promise<string> {
  const text = await ledger.read(repository, plan);
  if (plan.kind !== 'MilestonePlan') return text;
  const { milestones } = MilestonePlan.parse(JSON.parse(text));
  return JSON.stringify(
    milestones.find((milestone) => milestone.id === id),
    null,
    2,
  );
}

function partWords({ name, files = [] }: Part): string {
  const own = files.length === 0 ? '' : `: ${files.join(', ')}`;
  return `Others work on the other parts at the same time. Yours is "${name}"${own}. Keep to it.`;
}

/** Every path, and the contents of the small files while there is room. */
async function snapshot(trees: Trees, repository: string, commit: string): Promise<string> {
  const entries = (await trees.list(repository, commit)).filter(({ mode }) => mode.startsWith('100'));
  const small = upTo(
    SNAPSHOT_READ_LIMIT_BYTES,
    entries.filter(({ path, bytes }) => bytes <= SNAPSHOT_FILE_LIMIT_BYTES && !isSecretFile(path)),
  );
  const contents = await trees.read(repository, commit, small, SNAPSHOT_FILE_LIMIT_BYTES);
  let room = SNAPSHOT_LIMIT_CHARS;
  const shown = small.flatMap((path) => {
    const content = contents.get(path);
    if (content === undefined || content.length > room) return [];
    room -= content.length;
    return [`--- ${path}\n${content}`];
  });
  const paths = entries.map(({ path, bytes }) => `${path} (${bytes} bytes)`).join('\n');
  return `${paths || 'no file yet'}\n\n${shown.join('\n')}`;
}

/** The paths of the first of these files, as many as stay within the limit together. */
function upTo(limitBytes: number, entries: readonly TreeEntry[]): string[] {
  let total = 0;
  return entries.filter(({ bytes }) => (total += bytes) <= limitBytes).map(({ path }) => path);
}

async function ownWork(task: AgentTask, { trees, ledger, start }: From): Promise<Material[]> {
  if (task.previous === undefined) return [];
  const { artifact, work } = task.previous;
  if (work === undefined)
    return [{ title: 'your previous work', content: await ledger.read(task.repository, artifact) }];
  // As it is on the base of now: against that, the work on an older base would seem to undo what others did since.
  const { patch } = await trees.diff(task.repository, task.base, start);
  return [{ title: 'your previous work, as a diff against the base', content: patch.slice(0, DIFF_LIMIT_CHARS) }];
}

async function fullFeedback(task: AgentTask, ledger: Ledger) {
  return Promise.all(
    task.feedback.map(async (item) => {
      if (item.artifact === undefined) return item;
      return { ...item, summary: `${item.summary}\n\n${await ledger.read(task.repository, item.artifact)}` };
    }),
  );
}
