// Whether a merge is what its receipt says: the signature, the commit itself, and the evidence in the ledger. Needs git alone.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOfJson, digestOfText } from '../../src/activities/digest';
import { preAuthentication } from '../../src/activities/receipt';
import { Envelope, pieces, RECEIPT_NAMESPACE, Statement } from '../../src/domain/receipt';
import { GATE } from '../cli/gate-key';

export type Finding = { holds: boolean; what: string };
type Git = (...args: string[]) => string;

export class NoReceipt extends Error {}

/** Each thing that was looked at, and whether it holds. */
export function verifyReceipt(git: Git, commit: string, publicKey: string): Finding[] {
  const { ledger, path, envelope, signed } = receiptOf(git, commit, publicKey);
  const parsed = Statement.safeParse(parsedJson(Buffer.from(envelope.payload, 'base64').toString()));
  if (!parsed.success) return [{ holds: false, what: 'the receipt is a statement about a merge' }];
  const { subject, predicate } = parsed.data;
  const [tree, parents] = git('log', '-1', '--no-show-signature', '--format=%T%n%P', commit).split('\n') as [
    string,
    string,
  ];
  const folder = path.replace(/\/[^/]+$/, '');
  const kept = JSON.parse(git('show', `${ledger}:${folder}/receipt.json`)) as {
    evidence: Parameters<typeof pieces>[0];
  };
  const prompts = predicate.madeBy.map(({ agent, prompt }) => ({
    agent,
    prompt,
    is: promptDigest(git, ledger, agent),
  }));
  const evidence = Object.fromEntries(pieces(kept.evidence).map(([name, piece]) => [name, digestOfJson(piece)]));
  return [
    { holds: signed, what: "it is signed with the gate's key" },
    { holds: subject[0].digest.gitCommit === commit, what: `it is about this commit, ${commit.slice(0, 10)}` },
    { holds: subject[1].digest.gitTree === tree, what: `it is about this tree, ${tree.slice(0, 10)}` },
    {
      holds: parents === `${predicate.base} ${predicate.candidate}`,
      what: `it merges ${predicate.candidate.slice(0, 10)} into ${predicate.base.slice(0, 10)}`,
    },
    {
      holds: trailer(git, commit, 'Millwright-Approved-By') === predicate.approvedBy,
      what: `the commit names the same approver, ${predicate.approvedBy}`,
    },
    {
      holds: JSON.stringify(sorted(evidence)) === JSON.stringify(sorted(predicate.evidence)),
      what: `the evidence in the ledger is the same: ${Object.keys(predicate.evidence).join(', ')}`,
    },
    {
      holds: prompts.every(({ prompt, is }) => prompt === is),
      what: `the prompts in the ledger are the same: ${[...new Set(prompts.map(({ agent }) => agent))].join(', ')}`,
    },
  ];
}

type Kept = { ledger: string; path: string; envelope: Envelope };

/** A receipt that is signed, if there is one: whoever may write the ledger can put another on top, and hides none by it. */
function receiptOf(git: Git, commit: string, publicKey: string): Kept & { signed: boolean } {
  const kept = receiptsFor(git, commit);
  const signed = kept.find(({ envelope }) => isSigned(envelope, publicKey));
  return { ...(signed ?? kept[0]!), signed: signed !== undefined };
}

function receiptsFor(git: Git, commit: string): Kept[] {
  const ref = trailer(git, commit, 'Millwright-Ledger');
  if (!/^refs\/millwright\/[a-z0-9-]+\/[a-z0-9-]+$/.test(ref))
    throw new NoReceipt(`${commit.slice(0, 10)} is no merge of Millwright: it names no ledger.`);
  const how = ['--first-parent', '-m', '--diff-filter=d', '--name-only', '--format=%x00%H'];
  const states = tried(() => git('log', ...how, ref, '--', ':(glob)stages/**/receipt.dsse.json'));
  if (states === undefined)
    throw new NoReceipt(
      `The ledger ${ref} is not here. Fetch it: git fetch origin 'refs/millwright/*:refs/millwright/*'`,
    );
  const kept = states
    .split('\0')
    .flatMap((state) => {
      const [ledger, ...paths] = state.split('\n').filter(Boolean);
      return ledger === undefined ? [] : paths.map((path) => ({ ledger, path }));
    })
    .flatMap(({ ledger, path }) => {
      const envelope = Envelope.safeParse(parsedJson(git('show', `${ledger}:${path}`)));
      return envelope.success && isAbout(envelope.data, commit) ? [{ ledger, path, envelope: envelope.data }] : [];
    });
  if (kept.length === 0) throw new NoReceipt(`The ledger ${ref} has no receipt for ${commit.slice(0, 10)}.`);
  return kept;
}

function isAbout({ payload }: Envelope, commit: string): boolean {
  const statement = parsedJson(Buffer.from(payload, 'base64').toString()) as { subject?: unknown } | undefined;
  return JSON.stringify(statement?.subject ?? null).includes(commit);
}

function isSigned({ signatures, payload }: Envelope, publicKey: string): boolean {
  const input = preAuthentication(Buffer.from(payload, 'base64'));
  const folder = mkdtempSync(join(tmpdir(), 'millwright-receipt-'));
  try {
    const [signers, signature] = [join(folder, 'signers'), join(folder, 'signature')];
    writeFileSync(signers, `${GATE} namespaces="${RECEIPT_NAMESPACE}" ${publicKey}\n`);
    return signatures.some(({ sig }) => {
      writeFileSync(signature, Buffer.from(sig, 'base64'));
      const args = ['-Y', 'verify', '-f', signers, '-I', GATE, '-n', RECEIPT_NAMESPACE, '-s', signature];
      const stdio = ['pipe', 'ignore', 'ignore'] as const;
      return tried(() => execFileSync('ssh-keygen', args, { input, stdio: [...stdio] })) !== undefined;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function promptDigest(git: Git, ledger: string, agent: string): string | undefined {
  const text = tried(() => git('show', `${ledger}:definition/prompts/${agent}.md`));
  return text === undefined ? undefined : digestOfText(text);
}

const trailer = (git: Git, commit: string, name: string): string =>
  git('log', '-1', '--no-show-signature', `--format=%(trailers:key=${name},valueonly,unfold)`, commit).trim();

const sorted = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

const parsedJson = (text: string): unknown => tried(() => JSON.parse(text) as unknown);

function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
