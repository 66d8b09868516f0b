// Makes the receipt of a merge: a statement over digests of the evidence, in an envelope that the gate's key signs.
import { effectKey } from '../domain/names';
import { PAYLOAD, pieces, PREDICATE, STATEMENT, type Envelope, type Statement } from '../domain/receipt';
import type { MergeTask } from '../domain/tasks';
import { digestOfJson } from './digest';
import type { Signer } from './ports';

export function statementOf(
  { key, branch, demand, evidence, madeBy = [] }: MergeTask,
  { commit, tree, base, approvedBy }: { commit: string; tree: string; base: string; approvedBy: string },
): Statement {
  return {
    _type: STATEMENT,
    subject: [
      { name: 'merge', digest: { gitCommit: commit } },
      { name: 'tree', digest: { gitTree: tree } },
    ],
    predicateType: PREDICATE,
    predicate: {
      ...{ run: effectKey(key), branch, base, candidate: demand.candidate },
      evidence: Object.fromEntries(pieces(evidence).map(([path, piece]) => [path, digestOfJson(piece)])),
      madeBy: [...madeBy],
      approvedBy,
    },
  };
}

/** Without a key it says what it says, and nobody vouches for it. */
export async function enveloped(statement: Statement, signer: Signer | undefined): Promise<Envelope> {
  const payload = Buffer.from(JSON.stringify(statement));
  const signed = await signer?.sign(preAuthentication(payload));
  return {
    payloadType: PAYLOAD,
    payload: payload.toString('base64'),
    signatures: signed === undefined ? [] : [signed],
  };
}

/** What DSSE has signed instead of the bare payload, so that it can be taken for nothing else. */
export const preAuthentication = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD.length} ${PAYLOAD} ${payload.length} `), payload]);
