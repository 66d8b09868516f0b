// What the deliveries add up to: arithmetic on outcomes, and the curve over thresholds.
import type { Delivered } from './delivery';
import type { Measured } from './measure';
import { named } from './variants';

export type Count = { of: number; count: number };
export type Way = { code: Delivered['code']; tests: Delivered['tests']; mutants: boolean; merged: Count };
export type Point = {
  threshold: number;
  /** Of the good candidates with strong tests, those that would be sent back. */
  good: Count;
  /** Of the buggy ones that weak tests let pass, those that would be. */
  buggy: Count;
};
export type Cost = { seconds: number; runs: number };

export type Figures = {
  threshold: number;
  ways: Way[];
  curve: Point[];
  /** Of the buggy ones that weak tests let pass and that were sent back, those that the better tests then kept out. */
  found: Count;
  /** On an average delivery of good code with strong tests. */
  cost: { without: Cost; with: Cost };
  lost: string[];
};

const thresholds = [0.5, 0.6, 0.7, 0.75, 0.8, 0.82, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.92, 0.94, 0.96, 0.98, 1];

export function figuresOf(measured: readonly Measured[], threshold: number): Figures {
  const all = measured.flatMap(({ deliveries }) => deliveries);
  const ended = all.filter(({ outcome }) => outcome !== 'lost');
  const of = (code: string, tests: string, mutants: boolean) =>
    ended.filter((one) => one.code === code && one.tests === tests && one.mutants === mutants);
  const ways = (['good', 'buggy'] as const).flatMap((code) =>
    (['strong', 'weak'] as const).flatMap((tests) =>
      [false, true].map((mutants) => ({ code, tests, mutants, merged: merged(of(code, tests, mutants)) })),
    ),
  );
  const passed = of('buggy', 'weak', true).filter((one) => one.mutants_said !== undefined);
  const good = of('good', 'strong', true);
  const sentBack = passed.filter((one) => one.sent_back);
  return {
    ...{ threshold, ways },
    curve: [...new Set([...thresholds, threshold])]
      .sort((a, b) => a - b)
      .map((at) => ({ threshold: at, good: under(good, at), buggy: under(passed, at) })),
    found: { of: sentBack.length, count: sentBack.filter(({ outcome }) => outcome === 'refused').length },
    cost: { without: costOf(of('good', 'strong', false)), with: costOf(good) },
    lost: measured.flatMap(({ id, deliveries }) =>
      deliveries.filter(({ outcome }) => outcome === 'lost').map((one) => `${id} ${named(one)}`),
    ),
  };
}

const merged = (deliveries: readonly Delivered[]): Count => ({
  of: deliveries.length,
  count: deliveries.filter(({ outcome }) => outcome === 'merged').length,
});

function under(deliveries: readonly Delivered[], threshold: number): Count {
  const scores = deliveries.map(({ mutants_said: said }) => said?.score ?? null);
  return { of: scores.length, count: scores.filter((score) => score !== null && score < threshold).length };
}

function costOf(deliveries: readonly Delivered[]): Cost {
  const mean = (numbers: readonly number[]) =>
    numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  return {
    seconds: Math.round(mean(deliveries.map(({ ms }) => ms)) / 100) / 10,
    runs: Math.round(mean(deliveries.map(({ runs }) => runs)) * 10) / 10,
  };
}
