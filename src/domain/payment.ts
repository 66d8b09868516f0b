// What a milestone and its project say to each other about money. Anybody may send these, so what does not fit is left aside.
import { z } from 'zod';

const Call = z.string().min(1).max(100);
const Usd = z.number().nonnegative().max(1_000_000);

/** A milestone asks for what a call will cost. */
export const Claim = z.strictObject({
  milestone: z.string().max(100),
  call: Call,
  usd: Usd,
  what: z.string().max(300),
});
export type Claim = z.infer<typeof Claim>;

/** Its project answers: at once, and again when what was refused can be paid. */
export const Payment = z.strictObject({ call: Call, paid: z.boolean(), detail: z.string().max(1_000).optional() });
export type Payment = z.infer<typeof Payment>;

/** What it cost in the end. Without a sum nobody knows, and what was asked for counts. */
export const Settlement = z.strictObject({ milestone: z.string().max(100), call: Call, usd: Usd.optional() });
export type Settlement = z.infer<typeof Settlement>;
