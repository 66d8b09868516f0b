// Pull requests at a forge, by GitHub's API, which Gitea and Forgejo share. Its token goes to the one address that the operator names.
import { z } from 'zod';
import type { Forge, Proposal } from '../activities/ports';
import { transient } from '../domain/failures';

export type ForgeSettings = {
  /** The host in the URL of a repository that is its. */
  host: string;
  api: string;
  token: string;
};

const PATIENCE_MS = 20_000;

const Pull = z.object({ html_url: z.url({ protocol: /^https?$/ }).max(500), head: z.object({ ref: z.string() }) });
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
    const { ok, said } = await ask(settings, `${pulls}?${query.toString()}`);
    const found = ok ? z.array(Pull).parse(said) : [];
    const own = found.find(({ head }) => head.ref === branch);
    return own && { outcome: 'open', url: own.html_url };
  };
  // The branch moves with each candidate, and an open pull request with it.
  const before = await open();
  if (before !== undefined) return before;
  const { ok, said } = await ask(settings, pulls, { title, body, base, head: branch });
  if (ok) return { outcome: 'open', url: Pull.parse(said).html_url };
  return (await open()) ?? { outcome: 'refused', reason: Refusal.parse(said).message.slice(0, 300) };
}

async function ask(
  { api, token }: ForgeSettings,
  path: string,
  content?: object,
): Promise<{ ok: boolean; said: unknown }> {
  const response = await fetch(`${api.replace(/\/$/, '')}/${path}`, {
    method: content === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' },
    ...(content !== undefined && { body: JSON.stringify(content) }),
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: unknown) => {
    throw transient('ForgeUnavailable', `${api} does not answer: ${(error as Error).message}`);
  });
  if (response.status >= 500 || response.status === 429)
    throw transient('ForgeUnavailable', `${api} answers ${response.status}`);
  const said: unknown = await response.json().catch(() => undefined);
  return {
    ok: response.ok,
    said: response.ok ? said : { message: `${response.status} ${Refusal.parse(said).message}`.trim() },
  };
}
