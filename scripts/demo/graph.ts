// The target's history as `git log --graph` draws it: of a clone in the run's folder, wherever the target itself is.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Status } from '../../src/domain/status';
import { cut } from '../cli/columns';
import { manyLines } from '../cli/safe-text';

const execute = promisify(execFile);
const LINES_SHOWN = 60;

export async function graphLines({ repository, branch }: Status, folder: string, width: number): Promise<string[]> {
  const clone = join(folder, 'graph.git');
  const clean = ['-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false'];
  await execute('git', [...clean, 'clone', '--quiet', '--bare', '--', repository, clone]);
  const log = ['log', '--graph', '--oneline', '--decorate', '--no-color', branch, '--'];
  const { stdout } = await execute('git', [...clean, '--git-dir', clone, ...log], { maxBuffer: 64 * 1024 * 1024 });
  const lines = manyLines(stdout).trimEnd().split('\n');
  const left = lines.length - LINES_SHOWN;
  return [
    ...lines.slice(0, LINES_SHOWN).map((line) => cut(line, width)),
    ...(left > 0 ? [`… ${left} more lines`] : []),
  ];
}
