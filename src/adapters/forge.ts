// Pull requests at a forge, by GitHub's API, which Gitea and Forgejo share. Its token goes to the one address that the operator names.
import { z } from 'zod';
import type { Forge, Proposal } from '../activities/ports';
import { transient } from '../domain/failures';
import { beginningOf } from './arriving';

export type ForgeSettings = {
  /** The host in the URL of a repository that is its. */
  host: string;
  api: string;
  token: string;
};

const PATIENCE_MS = 20_000;
const ANSWER_LIMIT_BYTES = 5_000_000;

const Pull = z.object({
  html_url: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .transform((url) => new URL(url).href),
  head: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ ref: z.string() }),
});
const Refusal = z.object({ message: z.string() }).catch({ message: '' });

/** Without settings there is no forge: a branch is all that is shown. */
export function createForge(settings: ForgeSettings | undefined): Forge {
  return {
    propose: async (change) => {
      const name = settings && nameAt(settings.host, change.repository);
      return name === undefined ? { outcome: 'none' } : propose(settings!, name, change);
    },
  };
}

/** `owner/name` of a repository on this host, however it is reached. */
function nameAt(host: string, repository: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w][\w.-]*):(?!\/\/)(.+)$/.exec(repository);
  const url = scp === null && URL.canParse(repository) ? new URL(repository) : undefined;
  const [at, path] = scp === null ? [url?.hostname, url?.pathname] : [scp[1], scp[2]];
  if (at?.toLowerCase() !== host.toLowerCase()) return undefined;
  return /^\/?((?!\.)[\w.-]+\/(?!\.\.)[\w.-]+?)(?:\.git)?\/?$/.exec(path!)?.[1];
}

async function propose(
  settings: ForgeSettings,
  name: string,
  { branch, base, title, body }: Parameters<Forge['propose']>[0],
): Promise<Proposal> {
  const pulls = `repos/${name}/pulls`;
  const open = async (): Promise<Proposal | undefined> => {
    const query = new URLSearchParams({ state: 'open', base, head: `${name.split('/')[0]}:${branch}` });
    const { said } = await ask(settings, `${pulls}?${query.toString()}`);
    const own = pullsIn(said).find((pull) => shows(pull, { name, branch, base }));
    return own && { outcome: 'open', url: own.html_url };
  };
  // The branch moves with each candidate, and an open pull request with it.
  const before = await open();
  if (before !== undefined) return before;
  const { ok, said } = await ask(settings, pulls, { title, body, base, head: branch });
  const [made] = ok ? pullsIn([said]) : [];
  if (made !== undefined) return { outcome: 'open', url: made.html_url };
  const reason = ok ? 'its answer is no pull request' : Refusal.parse(said).message.slice(0, 300);
  return (await open()) ?? { outcome: 'refused', reason };
}

/** Those that can be read: one that cannot is not ours. */
const pullsIn = (said: unknown): z.infer<typeof Pull>[] =>
  Array.isArray(said) ? said.flatMap((item) => Pull.safeParse(item).data ?? []) : [];

/** Of this repository itself: in a fork of it anybody may give a branch this name. */
const shows = ({ head, base }: z.infer<typeof Pull>, of: { name: string; branch: string; base: string }): boolean =>
  head.ref === of.branch && base.ref === of.base && head.repo?.full_name.toLowerCase() === of.name.toLowerCase();

async function ask(
  { api, token }: ForgeSettings,
  path: string,
  content?: object,
): Promise<{ ok: boolean; said: unknown }> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const asked = fetch(`${api.replace(/\/$/, '')}/${path}`, {
    method: content === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' },
    ...(content !== undefined && { body: JSON.stringify(content) }),
    // Followed, it could lead anywhere; told, it says that the repository has moved.
    redirect: 'manual',
    signal: patience,
  });
  const { status, ok, text } = await asked
    .then((response) => answerIn(response, patience))
    .catch((error: unknown) => {
      throw transient('ForgeUnavailable', `${api} does not answer: ${(error as Error).message}`);
    });
  if (status >= 500 || status === 429) throw transient('ForgeUnavailable', `${api} answers ${status}`);
  const said = jsonIn(text);
  return { ok, said: ok ? said : { message: `${status} ${Refusal.parse(said).message}`.trim() } };
}

/** What is too long is cut, and then cannot be read. */
async function answerIn(
  response: Response,
  patience: AbortSignal,
): Promise<{ status: number; ok: boolean; text: string }> {
  const body = await beginningOf(response, ANSWER_LIMIT_BYTES, patience);
  return { status: response.status, ok: response.ok, text: body.toString() };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
