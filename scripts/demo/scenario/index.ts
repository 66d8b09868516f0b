// What the demo asks for, and by which pipelines its script can deliver it.
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';

export const request = `Build a REST API with user registration, login and token-protected endpoints, in this empty repository.

Use Node 20 or newer and nothing else: no dependency, tests with node:test. People register with an email address and a
password, log in for a token that expires, and keep notes that only they can see. Passwords must be stored safely, and
it should be fit to stand on the open internet: limits, security headers, a health check. Memory will do for storage for
now, as long as it can be replaced. Tell me how to deploy it.`;

/** One file for each pipeline. */
const TALES = join(__dirname, 'tales');

export const scriptedPipelines: readonly string[] = readdirSync(TALES)
  .map((file) => parse(file).name)
  .sort();

export const scenarioFile = (pipeline: string): string => join(TALES, `${pipeline}.ts`);
