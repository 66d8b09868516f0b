// What a run may spend: each call is reserved for before it is made, and settled by what it cost.
import type { ModelDefinition } from './agent';

/** As people see it. */
export type Budget = { usd: number; spentUsd: number; reservedUsd: number };

/** All that there is to an account. */
export type AccountState = {
  budgetUsd: number;
  spentUsd: number;
  dearestUsd: number;
  reserved: readonly (readonly [call: string, usd: number])[];
};

export class Account {
  readonly #reserved: Map<string, number>;
  #spentUsd: number;
  #dearestUsd: number;

  constructor(
    public budgetUsd: number,
    { spentUsd = 0, dearestUsd = 0, reserved = [] }: Partial<AccountState> = {},
  ) {
    this.#spentUsd = spentUsd;
    this.#dearestUsd = dearestUsd;
    this.#reserved = new Map(reserved);
  }

  get state(): AccountState {
    const { budgetUsd } = this;
    return { budgetUsd, spentUsd: this.#spentUsd, dearestUsd: this.#dearestUsd, reserved: [...this.#reserved] };
  }

  /** Whether the call may be made now; asked again for the same one, it still may. What costs nothing always may. */
  reserve(call: string, usd: number): boolean {
    if (this.#reserved.has(call)) return true;
    const least = usd === 0 ? 0 : Math.max(usd, this.#dearestUsd);
    const { spentUsd, reservedUsd } = this.budget;
    if (least > 0 && spentUsd + reservedUsd + least > this.budgetUsd) return false;
    this.#reserved.set(call, least);
    return true;
  }

  /** Without a sum it is not known what it cost: then what was reserved counts. A call is settled once. */
  settle(call: string, usd = this.#reserved.get(call) ?? 0): void {
    if (!this.#reserved.delete(call)) return;
    this.#spentUsd += usd;
    this.#dearestUsd = Math.max(this.#dearestUsd, usd);
  }

  settleAll(prefix: string): void {
    for (const call of [...this.#reserved.keys()]) if (call.startsWith(prefix)) this.settle(call);
  }

  get budget(): Budget {
    const reservedUsd = [...this.#reserved.values()].reduce((sum, usd) => sum + usd, 0);
    return { usd: this.budgetUsd, spentUsd: this.#spentUsd, reservedUsd };
  }
}

export const accountFor = ({ budget }: { budget?: number }): Account | undefined =>
  budget === undefined ? undefined : new Account(budget);

/** What one whole answer costs: a call may have several, so the dearest call so far is reserved where that was more. */
export const priceOf = ({ price, limits }: Pick<ModelDefinition, 'price' | 'limits'>): number =>
  (limits.outputTokens * price.outputUsdPerMillion) / 1_000_000;

export const dollars = (usd: number): string => `$${usd.toFixed(usd !== 0 && Math.abs(usd) < 0.1 ? 4 : 2)}`;

/** Of what may have cost nothing, where that needs no word. */
export const cost = (usd: number): string => (usd === 0 ? '' : dollars(usd));

export const lackOf = (what: string, { usd, spentUsd, reservedUsd }: Budget): string =>
  `${what} may cost more than what is left: of ${dollars(usd)}, ${dollars(spentUsd)} are spent` +
  (reservedUsd === 0
    ? '. A higher sum by `budget` goes on'
    : ` and ${dollars(reservedUsd)} reserved for calls under way. It goes on when these cost less, or with a higher sum by \`budget\``);
