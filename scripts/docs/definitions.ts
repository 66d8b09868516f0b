// The shipped pipelines and agents as their files have them, with nothing filled in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { AgentDefinition } from '../../src/domain/agent';
import { Pipeline } from '../../src/domain/pipeline';

export const ROOT = join(__dirname, '../..');

export type Agents = Readonly<Record<string, AgentDefinition>>;

export const loadPipelines = (): Pipeline[] =>
  namesIn('pipelines').map((file) => Pipeline.parse(yamlAt('pipelines', file)));

export const loadAgents = (): Agents =>
  Object.fromEntries(
    namesIn('agents').map((name) => [name, AgentDefinition.parse(yamlAt('agents', name, 'agent.yaml'))]),
  );

const namesIn = (folder: string) => readdirSync(join(ROOT, folder)).sort();
const yamlAt = (...path: string[]): unknown => parse(readFileSync(join(ROOT, ...path), 'utf8'));
