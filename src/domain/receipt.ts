// The receipt of a merge: an in-toto statement of what was merged, on what evidence, made by which models, approved by whom.
import { z } from 'zod';
import { Sha } from './names';

export const STATEMENT = 'https://in-toto.io/Statement/v1';
export const PREDICATE = 'urn:millwright:merge:1';
export const PAYLOAD = 'application/vnd.in-toto+json';
/** What the gate's key signs receipts as, and nothing else. */
export const RECEIPT_NAMESPACE = 'millwright-receipt';

const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256');

/** Which agent did a stage: its model, and the digest of its prompt. */
export const MadeBy = z.object({
  stage: z.string(),
  agent: z.string(),
  model: z.string(),
  family: z.string(),
  prompt: Digest,
});
export type MadeBy = z.infer<typeof MadeBy>;

export const Statement = z.object({
  _type: z.literal(STATEMENT),
  subject: z.tuple([
    z.object({ name: z.literal('merge'), digest: z.object({ gitCommit: Sha }) }),
    z.object({ name: z.literal('tree'), digest: z.object({ gitTree: Sha }) }),
  ]),
  predicateType: z.literal(PREDICATE),
  predicate: z.object({
    run: z.string().describe('the effect’s key: run, project, milestone, stage, round'),
    branch: z.string(),
    base: Sha,
    candidate: Sha,
    /** By the path of each piece of evidence in the receipt. */
    evidence: z.record(z.string(), Digest),
    madeBy: z.array(MadeBy),
    approvedBy: z.string(),
  }),
});
export type Statement = z.infer<typeof Statement>;

export const Envelope = z.object({
  payloadType: z.literal(PAYLOAD),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })),
});
export type Envelope = z.infer<typeof Envelope>;

/** Every piece of evidence under a path of its own, as it is digested. */
export function pieces(evidence: {
  verify?: unknown;
  reviews: Readonly<Record<string, unknown>>;
  evaluations: Readonly<Record<string, unknown>>;
  approval?: unknown;
}): [path: string, piece: unknown][] {
  const under = (kind: string, found: Readonly<Record<string, unknown>>) =>
    Object.entries(found).map(([stage, piece]): [string, unknown] => [`${kind}/${stage}`, piece]);
  return [
    ['verify', evidence.verify],
    ...under('reviews', evidence.reviews),
    ...under('evaluations', evidence.evaluations),
    ['approval', evidence.approval],
  ];
}
