// What a person signs when a decision is signed: the whole decision for one run, once, for a while; and what can be said of it without the key.
import { z } from 'zod';

/** What people's keys sign decisions as, and nothing else. */
export const DECISION_NAMESPACE = 'millwright-decision';

/** Clocks of people and workers may differ by so much. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** Used nonces are kept for longer than a signature may last, so none may last for long. */
const VALIDITY_LIMIT_MS = 24 * 60 * 60_000;
export const NONCE_KEPT_MS = VALIDITY_LIMIT_MS + 2 * CLOCK_TOLERANCE_MS;

export const Signature = z.strictObject({
  nonce: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, 'expected 16 to 64 of A–Z, a–z, 0–9, _ and -'),
  expires: z.iso.datetime(),
  sshsig: z
    .string()
    .max(6_000)
    .regex(
      /^-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+-----END SSH SIGNATURE-----\n?$/,
      'expected what ssh-keygen -Y sign writes',
    ),
});
export type Signature = z.infer<typeof Signature>;

/** Of which workflow a decision is about: another run under the same id is another. */
export const RunName = z.object({ workflowId: z.string().max(200), runId: z.string().max(100) });
export type RunName = z.infer<typeof RunName>;

/** A run that is long has several histories, and is known by its first: as the server tells it, where it keeps that. */
export const firstRunOf = ({ runId, raw }: Described): string => raw.workflowExecutionInfo?.firstRunId || runId;

type Described = { runId: string; raw: { workflowExecutionInfo?: { firstRunId?: string | null } | null } };

/** A decision as it is signed. */
export type Signed = {
  kind: string;
  subject?: string;
  milestone?: string;
  paths?: readonly string[];
  usd?: number;
  /** The SHA-256 of the note; of nothing, where there is none. */
  noteDigest: string;
  by: string;
} & Pick<Signature, 'nonce' | 'expires'>;

/** The text that is signed: one line, the same for everybody who means the same. */
export function signedText({ workflowId, runId }: RunName, signed: Signed): string {
  const { kind, subject = '', milestone = '', paths = [], usd = '', noteDigest, by, nonce, expires } = signed;
  const said = { decision: 1, workflowId, runId, kind, subject, milestone, paths: [...paths].sort(), usd };
  return `${JSON.stringify({ ...said, note: noteDigest, by, nonce, expires })}\n`;
}

/** Why a signature cannot count, whoever made it. */
export function signatureObjection(
  signature: Pick<Signature, 'nonce' | 'expires'> | undefined,
  { now, isSpent }: { now: number; isSpent: (nonce: string) => boolean },
): string | undefined {
  if (signature === undefined) return 'it is not signed, and this run takes signed decisions only (--key FILE)';
  const expires = Date.parse(signature.expires);
  if (now > expires + CLOCK_TOLERANCE_MS) return `its signature has expired, at ${signature.expires}: sign it again`;
  if (expires > now + VALIDITY_LIMIT_MS + CLOCK_TOLERANCE_MS)
    return `its signature would last for more than a day, until ${signature.expires}`;
  return isSpent(signature.nonce) ? 'its signature has been used before' : undefined;
}
