// docs/schemas, as an editor uses them: what is shipped is valid, and what a person gets wrong is not.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Ajv, ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { ROOT } from '../scripts/docs/definitions';

// eslint's own: it knows the draft that the schemas are of, and nothing has to be installed for it.
const AjvOfEslint = createRequire(require.resolve('eslint/package.json'))('ajv') as new (options: object) => Ajv;

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const validators = Object.fromEntries(
  ['pipeline', 'agent', 'models'].map((kind): [string, ValidateFunction] => [
    kind,
    new AjvOfEslint({ allErrors: true }).compile(JSON.parse(textOf(`docs/schemas/${kind}.schema.json`)) as object),
  ]),
);

function complaints(kind: string, yaml: string): string[] {
  const validate = validators[kind]!;
  void validate(parse(yaml));
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}

const shipped = [
  ...readdirSync(join(ROOT, 'pipelines')).map((file) => ['pipeline', `pipelines/${file}`] as const),
  ...readdirSync(join(ROOT, 'agents')).map((name) => ['agent', `agents/${name}/agent.yaml`] as const),
  ['models', 'models.yaml'] as const,
];

test.each(shipped)('the schema of a %s takes %s', (kind, path) => {
  expect(complaints(kind, textOf(path))).toEqual([]);
});

test.each([
  ['pipeline', 'name: x\nstages: { a: { agnt: coder } }', "['a'] should NOT have additional properties"],
  [
    'pipeline',
    'name: x\nstages: { a: { agent: coder, check: tests } }',
    "['a'] should match exactly one schema in oneOf",
  ],
  ['pipeline', 'name: x\nstages: { a: { needs: [b] } }', "['a'] should match exactly one schema in oneOf"],
  ['pipeline', 'name: x\nstages: { A b: { agent: coder } }', "property name 'A b' is invalid"],
  ['pipeline', 'name: x\nstages: { a: { agent: coder, onRework: { to: a } } }', "should have required property 'max'"],
  ['agent', 'role: writes\nmodel: [frontier-a]\nwrites: Poem', '.writes should be equal to one of the allowed values'],
  ['agent', 'role: writes\nmodel: frontier-a\nwrites: Change', '.model should be array'],
  ['agent', 'role: writes\nmodel: [frontier-a]\nwrites: Change\ntools: [rm]', '.tools[0] should be equal to one of'],
  ['models', 'models: { a: { endpoint: nowhere, model: m, family: f } }', '.endpoint should match format "uri"'],
  ['models', 'models: { a: { endpoint: "http://x", key: sk-1, model: m, family: f } }', '.key should match pattern'],
])('the schema of a %s refuses %j', (kind, yaml, words) => {
  expect(complaints(kind, yaml).join('\n')).toContain(words);
});
