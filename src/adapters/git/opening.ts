// The first look at a repository: makes it where there is none, begins it where it is empty, and finds its base branch.
import { permanent } from '../../domain/failures';
import { BranchName } from '../../domain/names';
import { onDisk } from '../full-disk';
import type { Git } from './git';
import { exists } from '../provision/cache';
import { SHA_256 } from './failing';
import { advertised, makeBare, type Mirror, type Mirrors } from './mirror';
import { assertPushed, push } from './pushing';
import { parseRepository } from './repository';
import { redacted } from './words';
import { writeCommit } from './writing';

const FIRST_BRANCH = 'main';
const BRANCHES_SHOWN = 20;
const SHA_1_CHARS = 40;
const heads = 'refs/heads/';

type Standing = { head?: string; branches: Map<string, string> };

export async function openRepository(git: Git, mirrors: Mirrors, text: string, base?: string) {
  if (base !== undefined && !BranchName.safeParse(base).success) throw invalid(text, `"${base}" is not a branch name`);
  const { path } = parseRepository(text);
  if (path !== undefined && !(await exists(path))) {
    // Who writes a URL means a repository that is there: a slip in it shall not begin another.
    if (text !== path) throw invalid(text, `there is nothing; to have a repository made there, give the path: ${path}`);
    await make(git, path, base);
  }
  const mirror = await mirrors(text);
  const standing = await look(mirror);
  if (standing.branches.size > 0) return baseOf(text, standing, base);
  await begin(mirror, base ?? (await unbornHead(git, path)));
  return baseOf(text, await look(mirror), base);
}

async function make(git: Git, path: string, base = FIRST_BRANCH): Promise<void> {
  await onDisk(path, () => makeBare(git, path, base)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    throw permanent('InvalidInput', `no repository can be made at ${path}: ${error.message}`, error);
  });
}

async function look(mirror: Mirror): Promise<Standing> {
  const found = await advertised(mirror, ['HEAD', `${heads}*`]);
  const branches = [...found].filter(([ref]) => ref.startsWith(heads));
  return {
    head: found.get('HEAD-points-to'),
    branches: new Map(branches.map(([ref, sha]) => [ref.slice(heads.length), sha])),
  };
}

function baseOf(text: string, { head, branches }: Standing, wanted = head): { base: string; head: string } {
  const shown = [...branches.keys()].slice(0, BRANCHES_SHOWN).join(', ');
  if (wanted === undefined)
    throw invalid(text, `it has no branch of its own choice; name one as the base of: ${shown}`);
  const sha = branches.get(wanted);
  if (sha === undefined) throw invalid(text, `it has no branch "${wanted}"; its branches are: ${shown}`);
  if (sha.length !== SHA_1_CHARS) throw invalid(text, SHA_256);
  return { base: wanted, head: sha };
}

// Of two that begin it at once, one wins and the other finds it begun.
async function begin(mirror: Mirror, branch: string): Promise<void> {
  const commit = { parents: [], changes: [], message: 'Begin', at: new Date().toISOString() };
  const to = await writeCommit(mirror, commit);
  const pushed = await push(mirror, [{ ref: `${heads}${branch}`, from: undefined, to }]);
  if (pushed.outcome !== 'lost') assertPushed(pushed, 'its first commit', mirror);
}

/** The branch that the first commit of a repository on this machine would make. */
async function unbornHead(git: Git, path: string | undefined): Promise<string> {
  if (path === undefined) return FIRST_BRANCH;
  const { stdout } = await git.run(path, ['symbolic-ref', '--quiet', '--short', 'HEAD'], { answers: [1, 128] });
  return stdout.toString().trim() || FIRST_BRANCH;
}

const invalid = (text: string, reason: string) => permanent('InvalidInput', `${redacted(text)}: ${reason}`);
