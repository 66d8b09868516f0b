// The workflows' code, bundled once for each version of it and kept in the cache: a worker then starts in a second instead of five.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { cached } from '../adapters/provision/cache';
import { failureConverterPath, payloadConverterPath } from './data-converter';

const source = join(__dirname, '..');

type Kind = {
  /** With failures that say nothing outside of their payloads. */
  encrypted?: boolean;
  /** For workers that have versions. */
  versioned?: boolean;
};

export async function workflowBundle(
  cache: string,
  { encrypted, versioned }: Kind = {},
): Promise<{ codePath: string }> {
  const name = `workflows-${digest()}${encrypted ? '-encrypted' : ''}${versioned ? '-versioned' : ''}`;
  const folder = await cached(cache, name, async (draft) => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(source, 'workflows', versioned ? 'versioned.ts' : 'index.ts'),
      payloadConverterPath,
      ...(encrypted && { failureConverterPath }),
      logger: new DefaultLogger('ERROR'),
    });
    await writeFile(join(draft, 'bundle.js'), code);
  });
  return { codePath: join(folder, 'bundle.js') };
}

/** Of everything that goes into the bundle: how it is made, the code itself, and the versions of what it imports. */
function digest(): string {
  const hash = createHash('sha256').update(readFileSync(join(source, '../package-lock.json')));
  hash.update(readFileSync(__filename));
  for (const folder of ['domain', 'workflows']) {
    const files = readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    for (const file of files.sort())
      hash.update(`\0${folder}/${file}\0`).update(readFileSync(join(source, folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
