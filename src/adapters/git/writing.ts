// Making commits in a mirror from files in memory. No index, no working tree, no ref is left behind; same input, same SHA.
import { randomUUID } from 'node:crypto';
import type { FileChange } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import type { Mirror } from './mirror';
import { signedWith } from './signing';

const NAME = 'Millwright';
const EMAIL = 'millwright@localhost';
const NOTHING = '0'.repeat(40);

export type NewCommit = {
  /** The tree to start from; none is an empty one. */
  tree?: string;
  parents: readonly string[];
  changes: readonly (FileChange & { mode?: string })[];
  message: string;
  at: string;
};

export async function writeCommit(mirror: Mirror, commit: NewCommit): Promise<string> {
  const ref = `refs/import/${randomUUID()}`;
  const input = Buffer.concat([
    ...head(ref, commit),
    ...deletionsFirst(commit.changes).flatMap(changed),
    // The commit is asked for by its mark, and the ref that fast-import wants is gone before it was ever written.
    line('get-mark :1'),
    line(`reset ${ref}\nfrom ${NOTHING}\n\ndone`),
  ]);
  const { stdout } = await mirror.run(['fast-import', '--quiet', '--done', '--date-format=raw'], { input });
  return stdout.toString().trim();
}

function head(ref: string, { tree, parents, message, at }: NewCommit): Buffer[] {
  const who = `${NAME} <${EMAIL}> ${seconds(at)} +0000`;
  const [first, ...others] = [...new Set(parents)];
  return [
    line(`commit ${ref}\nmark :1\nauthor ${who}\ncommitter ${who}`),
    ...counted(plainMessage(message)),
    ...(first === undefined ? [] : [line(`from ${first}`)]),
    ...others.map((parent) => line(`merge ${parent}`)),
    line(tree === undefined ? 'deleteall' : `M 040000 ${tree} ""`),
  ];
}

const deletionsFirst = <C extends FileChange>(changes: readonly C[]): C[] => [
  ...changes.filter((change) => 'deleted' in change),
  ...changes.filter((change) => 'content' in change),
];

// Paths have passed the policy, which takes neither quotes nor backslashes nor line ends.
function changed(change: FileChange & { mode?: string }): Buffer[] {
  if ('deleted' in change) return [line(`D "${change.path}"`)];
  return [line(`M ${change.mode ?? '100644'} inline "${change.path}"`), ...counted(change.content)];
}

export async function writeCommitOfTree(
  mirror: Mirror,
  { tree, parents, message, at }: Required<Omit<NewCommit, 'changes'>>,
  signingKey?: string,
): Promise<string> {
  const date = `@${seconds(at)} +0000`;
  const signed = signedWith(signingKey);
  const env = {
    ...signed.env,
    ...{ GIT_AUTHOR_NAME: NAME, GIT_AUTHOR_EMAIL: EMAIL, GIT_AUTHOR_DATE: date },
    ...{ GIT_COMMITTER_NAME: NAME, GIT_COMMITTER_EMAIL: EMAIL, GIT_COMMITTER_DATE: date },
  };
  const from = [...new Set(parents)].flatMap((parent) => ['-p', parent]);
  const args = ['commit-tree', ...signed.args, tree, ...from, '-F', '-'];
  const { stdout } = await mirror.run(args, { input: plainMessage(message), env });
  return stdout.toString().trim();
}

const plainMessage = (message: string): string => `${message.replaceAll('\0', '').trimEnd()}\n`;

function seconds(at: string): number {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) throw permanent('InvalidInput', `"${at}" is not a time`);
  return Math.floor(ms / 1000);
}

const line = (text: string): Buffer => Buffer.from(`${text}\n`);

function counted(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [line(`data ${bytes.length}`), bytes, line('')];
}
