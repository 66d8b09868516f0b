// What a run of chaos has put down is not tried again, and is never taken for another run's.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecord } from '../../../scripts/trial/record';
import type { Outcome } from '../../../scripts/trial/table';

const drawing = { seed: '7', server: 'development' };
const outcome = (trial: number): Outcome => ({
  ...{ trial, commit: 'abc', delivered: 'a milestone', faults: ['worker killed', 'server killed'], seconds: 10 },
  ...{ violations: ['I1: twice'], recoveries: [{ what: 'server back', seconds: 3, bound: 30 }] },
});

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-record-'));
  file = join(folder, 'chaos.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('without a file it holds what this run added', () => {
  const record = openRecord(undefined, drawing);
  record.add(outcome(1));
  expect(record.outcomes).toEqual([outcome(1)]);
});

test('what was added is there when it is opened again, and more can be added', () => {
  openRecord(file, drawing).add(outcome(2));
  const again = openRecord(file, drawing);
  again.add(outcome(1));
  expect(again.outcomes).toEqual([outcome(2), outcome(1)]);
  expect(openRecord(file, drawing).outcomes).toEqual(again.outcomes);
});

test('half a line is what a killed run left: it counts for nothing, and the next one stands by itself', () => {
  openRecord(file, drawing).add(outcome(1));
  const whole = readFileSync(file, 'utf8');
  appendFileSync(file, whole.slice(0, 40));
  const again = openRecord(file, drawing);
  expect(again.outcomes).toEqual([outcome(1)]);
  again.add(outcome(2));
  expect(openRecord(file, drawing).outcomes).toEqual([outcome(1), outcome(2)]);
});

test.each([
  ['seed', { ...drawing, seed: '8' }],
  ['server', { ...drawing, server: 'postgres' }],
])('a record of another %s is refused, and stays as it is', (_, other) => {
  openRecord(file, drawing).add(outcome(1));
  const before = readFileSync(file, 'utf8');
  expect(() => openRecord(file, other)).toThrow(/records seed 7 on development, not seed .* Name another file/);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('a file that is no record is refused by its line', () => {
  openRecord(file, drawing).add(outcome(1));
  writeFileSync(file, `${readFileSync(file, 'utf8')}# notes\n`);
  expect(() => openRecord(file, drawing)).toThrow(`${file}:2 is no line of a record`);
});

test("what is somebody else's file stays as it is", () => {
  writeFileSync(file, '{"notes": "mine"}');
  expect(() => openRecord(file, drawing)).toThrow(`${file}:1 is no line of a record`);
  expect(readFileSync(file, 'utf8')).toBe('{"notes": "mine"}');
});
