// Asks the person at the terminal: approve, look at the diff, send back with a note, or leave; and the like where work is stuck.
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline/promises';
import type { DecisionKind } from '../../src/domain/decision';
import type { Paint } from '../cli/colour';
import { decide, demandDecision } from '../cli/decide';
import { Ended, exitCodes } from '../cli/exit-codes';
import { oneLine } from '../cli/safe-text';
import type { Connected } from '../cli/server';
import type { Wait } from '../cli/waits';
import { notNow } from './by-itself';
import type { Display } from './display';
import type { Settle } from './follow';
import { showPages } from './pages';
import { diffLines, subjectLines } from './subject';

type Choice = { key: string; words: string; kind?: DecisionKind; note?: string };

const QUIT: Choice = { key: 'q', words: 'quit' };
const APPROVAL: readonly Choice[] = [
  { key: 'y', words: 'approve', kind: 'approve' },
  { key: 'd', words: 'show the diff' },
  { key: 'c', words: 'ask for changes', kind: 'requestChanges', note: 'What should be different?' },
  QUIT,
];
const PLAN = APPROVAL.filter(({ key }) => key !== 'd');
const GUIDANCE: readonly Choice[] = [
  { key: 'g', words: 'give guidance', kind: 'guide', note: 'How should it go on?' },
  { key: 's', words: 'skip it', kind: 'skip' },
  { key: 'a', words: 'abandon it', kind: 'abandon' },
  QUIT,
];
const STOPPED: readonly Choice[] = [{ key: 'r', words: 'go on, it is cured', kind: 'resume' }, QUIT];

export class Left extends Ended {
  constructor() {
    super(exitCodes.failed, 'You left before everything was merged.');
  }
}

export function askPerson(server: Connected, display: Display, by: string): Settle {
  return (wait) =>
    display.alone(async () => {
      const reader = createInterface({ input: process.stdin, output: process.stdout });
      // While it reads, the terminal tells it of Ctrl-C, and nobody else.
      reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      try {
        await settle(wait, { server, display, by, reader });
      } finally {
        reader.close();
      }
    });
}

type Desk = { server: Connected; display: Display; by: string; reader: Interface };

async function settle(wait: Wait, desk: Desk): Promise<void> {
  const { run, waiting } = wait;
  print(await headLines(wait, desk.display.width));
  const pager = { ask: (question: string) => answer(desk, question), paint: diffPaint(desk.display) };
  for (;;) {
    const choice = await choose(desk, choicesFor(wait));
    if (choice === QUIT) throw new Left();
    if (choice.kind === undefined) {
      await showPages(await diffLines(wait), pager);
      continue;
    }
    const note = choice.note === undefined ? undefined : await answer(desk, `  ${choice.note} `);
    if (note === '') continue; // Thought better of it.
    const { subject, paths } = waiting; // All of it has just been shown.
    const about = choice.kind === 'approve' ? { subject, paths } : choice.kind === 'requestChanges' ? { subject } : {};
    const decision = demandDecision(choice.kind, { ...about, by: desk.by, note });
    const record = await decide(desk.server, run.id, choice.kind, decision).catch(notNow);
    if (record === undefined) print(['  Nobody heard it: a worker has to be up first. Once more, please.']);
    else
      return print([`  → ${choice.words}, by ${desk.by}: ${record.accepted ? '' : 'not '}${oneLine(record.reason)}`]);
  }
}

const print = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

async function headLines(wait: Wait, width: number): Promise<string[]> {
  const { run, waiting } = wait;
  if (waiting.for === 'approval' || waiting.for === 'plan') return ['', ...(await subjectLines(wait, width)), ''];
  return ['', oneLine(`${run.id} waits for ${waiting.for}: ${waiting.detail}`), ''];
}

function choicesFor({ waiting }: Wait): readonly Choice[] {
  if (waiting.for === 'approval') return APPROVAL;
  if (waiting.for === 'plan') return PLAN;
  return waiting.for === 'guidance' ? GUIDANCE : STOPPED;
}

async function choose(desk: Desk, choices: readonly Choice[]): Promise<Choice> {
  const { paint } = desk.display;
  const question = choices.map(({ key, words }) => `${paint('bold', key)} ${words}`).join(' · ');
  for (;;) {
    const said = (await answer(desk, `${paint('yellow', '?')} ${question}: `)).toLowerCase();
    const choice = choices.find(({ key, words }) => said === key || said === words);
    if (choice !== undefined) return choice;
  }
}

/** A terminal that is gone has left. */
async function answer({ reader }: Desk, question: string): Promise<string> {
  const gone = once(reader, 'close').then(() => QUIT.key);
  return (await Promise.race([reader.question(question), gone])).trim();
}

const DIFF_PAINTS: readonly [RegExp, Paint][] = [
  [/^(diff|index|---|\+\+\+) ?/, 'bold'],
  [/^@@/, 'cyan'],
  [/^\+/, 'green'],
  [/^-/, 'red'],
];

function diffPaint({ paint }: Display): (line: string) => string {
  return (line) => {
    const found = DIFF_PAINTS.find(([start]) => start.test(line));
    return found === undefined ? line : paint(found[1], line);
  };
}
