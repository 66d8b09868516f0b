// npm run docs: writes the pages of docs/ that come from the code: artifacts from their schemas, pipelines from their YAML.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, verb } from './cli/verb';
import { ROOT } from './docs/definitions';
import { generatedPages } from './docs/pages';

const command = verb({
  name: 'docs',
  does: 'Writes the generated pages of docs/ again: after a change of an artifact, a pipeline or an agent.',
  examples: [''],
}).action(() => {
  for (const [path, text] of Object.entries(generatedPages())) {
    writeFileSync(join(ROOT, path), text);
    console.log(path);
  }
});

run(command);
