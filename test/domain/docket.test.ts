// Whatever is said, in whatever order: the first valid decision counts, everything else is counted and changes nothing.
import fc from 'fast-check';
import type { DecisionKind } from '../../src/domain/decision';
import { leastComputed } from '../quickest';
import { Docket, type DocketState, type Finding, type Pending } from '../../src/domain/docket';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const START = Date.parse('2026-01-02T03:00:00Z');
const MINUTE = 60_000;
const FORGED = 'forged';
const at = (ms: number) => new Date(ms).toISOString();
const armoured = (text: string) =>
  `-----BEGIN SSH SIGNATURE-----\n${Buffer.from(text).toString('base64')}\n-----END SSH SIGNATURE-----\n`;

class TestDocket extends Docket {
  ask(subject: string | undefined, protectedPaths: readonly string[] = []): void {
    this.asks(subject === undefined ? undefined : { subject, protectedPaths });
  }
  get said() {
    return this.verdict;
  }
}

type Said = {
  kind: DecisionKind;
  by: string;
  subject?: string;
  note?: string;
  paths?: readonly string[];
  signature?: { nonce: string; expires: string; sshsig: string };
};

const genuine = ({ decision }: Pending): boolean => decision.signature?.sshsig !== armoured(FORGED);
const findings = (batch: readonly Pending[]): Finding[] =>
  batch.map((pending) => (genuine(pending) ? { valid: true } : { valid: false, reason: 'forged' }));

/** The same, as one would tell it: nothing of how it is done. */
class Model {
  now = START;
  asked?: { subject: string; paths: readonly string[] };
  verdict?: Said;
  escalated = false;
  orders = 0;
  isTakenUp = false;
  paused = false;
  accepted: Said[] = [];
  refused = 0;
  readonly spent = new Set<string>();
  pending: Said[] = [];

  arrives(said: Said | 'nonsense'): void {
    if (said === 'nonsense' || !this.fits(said) || !this.fresh(said)) this.refused += 1;
    else if (this.pending.some((other) => JSON.stringify(other) === JSON.stringify(said))) this.refused += 1;
    else this.pending.push(said);
  }

  /** What is looked at together. */
  looks(): Said[] {
    const left = this.pending.filter((said) => this.fits(said) && !this.spent.has(said.signature!.nonce));
    this.refused += this.pending.length - left.length;
    this.pending = left;
    return [...left];
  }

  /** What was asked in the history before may have been answered by now. */
  asks(asked: Model['asked']): void {
    if (!this.isTakenUp || asked?.subject !== this.asked?.subject) this.verdict = undefined;
    this.asked = asked;
    this.isTakenUp = false;
  }

  finds(batch: readonly Said[]): void {
    this.pending = this.pending.filter((said) => !batch.includes(said));
    for (const said of batch) {
      const { nonce, sshsig } = said.signature!;
      if (sshsig === armoured(FORGED) || !this.fits(said) || this.spent.has(nonce)) this.refused += 1;
      else {
        this.spent.add(nonce);
        this.accepted.push(said);
        this.does(said);
      }
    }
  }

  private fits({ kind, by, subject, paths = [] }: Said): boolean {
    if (by !== 'ada' && by !== 'bob') return false;
    if (kind === 'guide' || kind === 'skip') return this.escalated && this.orders === 0;
    if (kind === 'pause') return !this.paused;
    if (kind === 'abandon' || kind === 'resume') return true;
    if (this.asked?.subject !== subject || this.verdict !== undefined) return false;
    return kind === 'requestChanges' || [...paths].sort().join() === [...this.asked!.paths].sort().join();
  }

  private fresh({ signature }: Said): boolean {
    if (signature === undefined || this.spent.has(signature.nonce)) return false;
    const expires = Date.parse(signature.expires);
    return expires + 5 * MINUTE >= this.now && expires <= this.now + 24 * 60 * MINUTE + 5 * MINUTE;
  }

  private does(said: Said): void {
    if (said.kind === 'approve' || said.kind === 'requestChanges') this.verdict = said;
    else if (said.kind === 'pause') this.paused = true;
    else if (said.kind === 'resume') this.paused = false;
    else this.orders += 1;
  }
}

const signature = fc.record({
  nonce: fc.constantFrom(...[1, 2, 3, 4, 5, 6, 7, 8].map((each) => `nonce-nonce-nonce-${each}`)),
  expires: fc.constantFrom(
    ...[-6 * MINUTE, -4 * MINUTE, ...Array<number>(8).fill(10 * MINUTE), 20 * MINUTE, 48 * 60 * MINUTE].map((ms) =>
      at(START + ms),
    ),
  ),
  sshsig: fc.constantFrom(armoured('ada'), armoured('ada'), armoured('ada'), armoured(FORGED)),
});
const by = fc.constantFrom('ada', 'ada', 'ada', 'bob', 'eve');
const about = { by, subject: fc.constantFrom(A, A, A, B), signature };
const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record(
    { kind: fc.constant('approve' as const), ...about, paths: fc.constantFrom([], [], ['p'], ['q', 'p']) },
    { requiredKeys: ['kind', 'by', 'subject'] },
  ),
  fc.record({ kind: fc.constant('requestChanges' as const), ...about, note: fc.constant('other') }),
  fc.record({ kind: fc.constant('guide' as const), by, note: fc.constant('so'), signature }),
  fc.record(
    { kind: fc.constantFrom('skip', 'abandon', 'pause', 'resume'), by, signature },
    { requiredKeys: ['kind', 'by'] },
  ),
);

const stateOf = (
  of: { accepted: number; refused: number; paused: boolean },
  said: { signature?: { nonce: string } } | undefined,
) => `${of.accepted} ${of.refused} ${of.paused} ${said?.signature?.nonce}`;

type Step =
  | { is: 'say'; said: Said }
  | { is: 'nonsense'; input: unknown }
  | { is: 'ask'; subject?: string; paths: string[] }
  | { is: 'look' | 'find' | 'stuck' | 'order' | 'later' | 'history' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: said.map((each): Step => ({ is: 'say', said: each })) },
  { weight: 1, arbitrary: fc.anything().map((input): Step => ({ is: 'nonsense', input })) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('ask' as const),
      subject: fc.constantFrom(A, A, A, B, undefined),
      paths: fc.constantFrom<string[]>([], [], ['p'], ['p', 'q']),
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('look', 'look', 'find', 'find', 'stuck', 'order', 'later', 'history', 'history')
      .map((is): Step => ({ is })),
  },
);

test('in 10,000 sequences of decisions it does what one would tell of it', () => {
  let counted = 0;
  let histories = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20, size: 'max' }), (steps) => {
      const model = new Model();
      let docket = new TestDocket(['ada', 'bob'], undefined, () => model.now);
      docket.rule = 'signed';
      let [batch, looked]: [readonly Pending[], Said[]] = [[], []];
      let heard = 0;
      const find = () => {
        docket.settle(batch, findings(batch));
        model.finds(looked);
        [batch, looked] = [[], []];
      };
      const look = () => ([batch, looked] = [docket.batch(), model.looks()]);
      const does: Record<Exclude<Step['is'], 'say' | 'nonsense' | 'ask'>, () => unknown> = {
        look: () => batch.length > 0 || look(),
        find,
        stuck: () => (docket.escalated = model.escalated = true),
        order: () => docket.nextOrder() && (model.orders -= 1),
        later: () => (model.now += 5 * MINUTE),
        // The run goes on in its next history, where nothing is under way: nobody can tell.
        history: () => {
          if (docket.isBusy) return;
          const kept = JSON.parse(JSON.stringify(docket.state)) as DocketState;
          docket = new TestDocket(['ada', 'bob'], undefined, () => model.now);
          docket.takeUp(kept);
          model.isTakenUp = true;
          histories += 1;
        },
      };
      for (const each of steps) {
        if (each.is === 'say') {
          const { kind, ...input } = each.said;
          heard += 1;
          docket.hear(kind, input, true);
          model.arrives(each.said);
        } else if (each.is === 'nonsense') {
          heard += 1;
          docket.hear('approve', each.input, true);
          model.arrives('nonsense');
        } else if (each.is === 'ask') {
          docket.ask(each.subject, each.paths);
          model.asks(each.subject === undefined ? undefined : { subject: each.subject, paths: each.paths });
        } else does[each.is]();
        // For each step of each sequence `expect` would take a minute.
        const [is, told] = [
          stateOf(docket, docket.said),
          stateOf({ ...model, accepted: model.accepted.length }, model.verdict),
        ];
        if (is !== told) throw new Error(`it is ${is}, and one would tell of ${told}`);
      }
      for (find(), look(); batch.length > 0; find(), look());
      expect(docket.accepted + docket.refused).toBe(heard);
      expect(docket.accepted).toBe(model.accepted.length);
      const nonces = model.accepted.map((each) => each.signature!.nonce);
      expect(new Set(nonces).size).toBe(nonces.length);
      counted += docket.accepted;
    }),
    { numRuns: 10_000 },
  );
  expect(counted).toBeGreaterThan(5_000); // The sequences say something.
  expect(histories).toBeGreaterThan(1_000);
});

const approval = (nonce: string, sshsig = armoured(FORGED), more: object = {}) => ({
  ...{ subject: A, by: 'ada', signature: { nonce: nonce.padEnd(20, '-'), expires: at(START + 10 * MINUTE), sshsig } },
  ...more,
});

function flooded(input: (each: number) => unknown) {
  const docket = new TestDocket(['ada'], undefined, () => START);
  docket.rule = 'signed';
  docket.ask(A);
  for (let each = 0; each < 10_000; each++) docket.hear('approve', input(each), true);
  return docket;
}

test.each<[string, (each: number) => unknown]>([
  ['well made, with a wrong signature', (each) => approval(`${each}`)],
  ['unsigned', () => ({ subject: A, by: 'ada' })],
  ['nonsense', () => 'yes'],
  ['about something else', (each) => approval(`${each}`, undefined, { subject: B })],
])(
  'ten thousand decisions, %s: few are kept, all are counted, and it takes less than a workflow task may',
  async (_, input) => {
    const docket = flooded(input);
    expect(docket.records.length).toBeLessThanOrEqual(100);
    expect(docket.summary.verifying ?? 0).toBeLessThanOrEqual(200);
    expect(docket.batch().length).toBeLessThanOrEqual(50);
    expect(docket.refused + (docket.summary.verifying ?? 0)).toBe(10_000);
    expect(await leastComputed(() => flooded(input))).toBeLessThan(4_000);
  },
);

test('the same fifty times is verified once, and counts once', () => {
  const docket = new TestDocket(['ada'], undefined, () => START);
  docket.rule = 'signed';
  docket.ask(A);
  for (let times = 0; times < 50; times++) docket.hear('approve', approval('mine', armoured('ada')), true);
  const batch = docket.batch();
  expect(batch).toHaveLength(1);
  docket.settle(batch, [{ valid: true }]);
  docket.ask(A); // The very candidate waits again.
  docket.hear('approve', approval('mine', armoured('ada')), true);
  expect(docket).toMatchObject({ accepted: 1, refused: 50 });
  expect(docket.records.at(-1)).toMatchObject({ reason: 'its signature has been used before' });
});

test('a batch stays small enough to be sent', () => {
  const docket = new TestDocket([], undefined, () => START);
  docket.rule = 'signed';
  docket.escalated = true;
  for (let each = 0; each < 200; each++)
    docket.hear(
      'guide',
      { ...approval(`${each}`, armoured(FORGED.repeat(600))), subject: undefined, note: 'x'.repeat(4_000) },
      true,
    );
  expect(docket.refused).toBe(200); // an unknown field
  for (let each = 0; each < 200; each++) {
    const { signature, by } = approval(`${each}`, armoured(FORGED.repeat(600)));
    docket.hear('guide', { signature, by, note: 'x'.repeat(4_000) }, true);
  }
  expect(docket.summary.verifying).toBe(200);
  expect(JSON.stringify(docket.batch()).length).toBeLessThan(1_500_000);
});

test('words that need no signature where nobody asks for one need one where the run demands it', () => {
  const docket = new TestDocket([], undefined, () => START);
  docket.rule = 'unknown';
  docket.hear('pause', { by: 'ada' }, true);
  const batch = docket.batch();
  docket.rule = 'signed';
  docket.settle(batch, [{ valid: 'unasked' }]);
  expect(docket).toMatchObject({ accepted: 0, refused: 1, paused: false });
});

test('what is to be verified still when the run ends is counted as refused', () => {
  const docket = flooded((each) => approval(`${each}`));
  const batch = docket.batch();
  docket.close();
  docket.settle(batch, findings(batch));
  expect(docket).toMatchObject({ accepted: 0, refused: 10_000 });
  expect(docket.records.at(-1)!.reason).toMatch(/ended before/);
});
