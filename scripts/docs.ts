// npm run docs: writes what in docs/ comes from the code: artifacts and schemas for editors, and pipelines from their YAML.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, verb } from './cli/verb';
import { ROOT } from './docs/definitions';
import { generatedPages } from './docs/pages';

const command = verb({
  name: 'docs',
  does: 'Writes what is generated in docs/ again: after a change of an artifact, a pipeline, an agent or their schemas.',
  examples: [''],
}).action(() => {
  for (const [path, text] of Object.entries(generatedPages())) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(path);
  }
});

run(command);
