// docs/schemas: what editors need to help with pipelines, agents and models, from the schemas that their files are held to.
import { z } from 'zod';
import { Models } from '../../src/adapters/definition-set';
import { AgentDefinition } from '../../src/domain/agent';
import { Slug } from '../../src/domain/names';
import { kinds, Pipeline, Stage } from '../../src/domain/pipeline';

type JsonSchema = z.core.JSONSchema.BaseSchema;

export const schemaFiles = (): Record<string, string> => ({
  'docs/schemas/pipeline.schema.json': written('A pipeline of Millwright: pipelines/<name>.yaml', Pipeline, oneKind),
  'docs/schemas/agent.schema.json': written('An agent of Millwright: agents/<name>/agent.yaml', AgentDefinition),
  'docs/schemas/models.schema.json': written('The models of Millwright: models.yaml', Models, orVariable),
});

type Override = (schema: JsonSchema, of: z.core.$ZodType) => void;

function written(title: string, of: z.ZodType, override: Override = () => undefined): string {
  const { $schema, ...rest } = z.toJSONSchema(of, {
    // What the editors' YAML servers know best.
    ...{ target: 'draft-7', io: 'input' },
    override: ({ zodSchema, jsonSchema }) => override(jsonSchema, zodSchema),
  });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** A stage is of one kind: what its refinement says, which no JSON Schema is made of. */
const oneKind: Override = (schema, of) => {
  if (of === Stage) schema.oneOf = kinds.map((kind) => ({ required: [kind] }));
};

/** In models.yaml any text may come from the environment; aliases are no texts. */
const orVariable: Override = (schema, of) => {
  if (of === Slug || schema.type !== 'string' || (schema.format ?? schema.pattern) === undefined) return;
  const { description, ...text } = { ...schema };
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, {
    ...(description && { description }),
    anyOf: [text, { type: 'string', pattern: '\\$\\{.+\\}' }],
  });
};
