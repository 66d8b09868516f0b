// npm run doctor: which protections are in force on this machine, what is missing, and its cure.
import { findings, type Finding } from './doctor/findings';
import { Ended, exitCodes } from './cli/exit-codes';
import { oneLine, safeJson } from './cli/safe-text';
import { endWithReader, run, verb } from './cli/verb';

const command = verb({
  name: 'doctor',
  does: 'Says which protections are in force on this machine, what is missing, and its cure. A sandbox that does not hold runs nothing.',
  examples: ['', '--json'],
})
  .option('--json', 'prints a list of { what, state, says, cure? } for a program')
  .action(examine);

async function examine({ json }: { json?: boolean }): Promise<void> {
  endWithReader();
  const found = await findings(process.env);
  console.log(json ? safeJson(found) : found.map(line).join('\n'));
  const missing = found.filter(({ state }) => state === 'missing');
  if (missing.length > 0)
    throw new Ended(exitCodes.unprotected, `Missing: ${missing.map(({ what }) => what).join(', ')}.`);
}

const marks: Record<Finding['state'], string> = { ok: '✓', off: '·', missing: '✗' };
const line = ({ what, state, says, cure }: Finding): string =>
  `${marks[state]} ${what.padEnd(16)} ${oneLine(says)}${cure === undefined ? '' : `\n${' '.repeat(19)}${oneLine(cure)}`}`;

run(command);
