// An agent is a role with a prompt; a model is an alias for an endpoint. Both are declared in YAML.
import { z } from 'zod';
import { artifactKinds } from './artifacts';
import { Slug } from './names';
import { queues } from './queues';

export const tools = ['list', 'read', 'search'] as const;
export type ToolName = (typeof tools)[number];

export const AgentDefinition = z.strictObject({
  role: z.string().min(1),
  model: z.array(Slug).min(1).describe('a ladder: the first try to the last'),
  tools: z.array(z.enum(tools)).default([]).describe('least privilege; nothing else is reachable'),
  reads: z.array(z.string()).default([]).describe('stages whose artifacts are in its context, and nothing else'),
  writes: z.enum(artifactKinds),
  confidence: z.number().min(0).max(1).default(0.6).describe('under it: escalate'),
  turns: z.number().int().min(1).max(100).default(12).describe('answers at most, tool calls and repairs included'),
});
export type AgentDefinition = z.infer<typeof AgentDefinition>;

export const ModelDefinition = z.strictObject({
  model: z.string().min(1).describe("the provider's name for it"),
  family: z.string().min(1).describe('who made it: a review by the same family is no second opinion'),
  price: z
    .strictObject({ inputUsdPerMillion: z.number().nonnegative(), outputUsdPerMillion: z.number().nonnegative() })
    .default({ inputUsdPerMillion: 0, outputUsdPerMillion: 0 }),
  queue: Slug.optional().describe('a task queue of its own: millwright-agents-<queue>'),
  limits: z
    .strictObject({
      outputTokens: z.number().int().positive().default(32_000),
      totalSeconds: z.number().int().positive().default(900),
      idleSeconds: z.number().int().positive().default(120),
    })
    .prefault({}),
});
export type ModelDefinition = z.infer<typeof ModelDefinition>;

export const agentQueue = (model: Pick<ModelDefinition, 'queue'>): string =>
  model.queue === undefined ? queues.agents : `${queues.agents}-${model.queue}`;
