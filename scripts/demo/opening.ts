// The first screen: what is about to be seen, what of it is real, and what is asked for.
import { oneLine } from '../cli/safe-text';
import type { Choice } from './choice';
import type { Display } from './display';
import { stagesInLine, type Way } from './way';

export function opening({ live, request, way, yes }: Choice, display: Display): void {
  display.say('Millwright: a request goes in, and merged, tested, reviewed code comes out.', 'bold');
  if (live) {
    display.say('A real model answers, and its calls cost real money. As real are Temporal, git,');
  } else {
    display.say('The model is SCRIPTED (answers written by hand, costs as if it were real). All', 'yellow');
  }
  const rest = live
    ? 'the sandbox, the tests, the merges.'
    : 'else is real: Temporal, git, the sandbox, the tests, the merges.';
  display.say(`${rest} ${yes ? '--yes approves.' : 'You approve.'}`);
  const [first = '', ...more] = request.trim().split('\n');
  display.say(`\n“${oneLine(first)}${more.length > 0 ? ' …' : ''}”\n`, 'cyan');
  for (const line of wayLines(way)) display.say(line);
  display.say('');
}

function wayLines({ name, pipelines, forEach }: Way): string[] {
  const pipeline = pipelines[name]!;
  const { description } = pipeline;
  return [
    oneLine(`Pipeline ${name}${description === undefined ? '' : `: ${description}`}`),
    `  ${forEach === 'milestone' ? 'each milestone' : 'the project'}: ${oneLine(stagesInLine(pipeline))}`,
  ];
}
