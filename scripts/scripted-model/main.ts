// The scripted model as a process: tsx scripts/scripted-model/main.ts --scenario FILE [--port N] [--log FILE]
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { startScriptedModel, type Scenario } from './server';

type Options = { scenario: string; port: number; log?: string; latency: number; logMessages: boolean };

const command = new Command('scripted-model')
  .description('An OpenAI chat endpoint that answers from a scenario. It is no model.')
  .requiredOption('--scenario <file>', 'a module that exports `scenario`')
  .option('--port <number>', 'the port on 127.0.0.1; 0 takes a free one', whole, 0)
  .option('--log <file>', 'where to append a JSON line at the start and the end of each call')
  .option('--latency <ms>', 'how long each answer takes', whole, 0)
  .option('--log-messages', 'put the prompts into the log', false)
  .action(async (options: Options) => {
    const { scenario: file, log: logFile, latency: latencyMs, ...rest } = options;
    const scripted = await startScriptedModel({ ...rest, scenario: await load(file), logFile, latencyMs });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void scripted.close());
    console.log(`scripted model listening on ${scripted.url}`);
  });

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

async function load(file: string): Promise<Scenario> {
  const loaded = (await import(pathToFileURL(resolve(file)).href)) as Exports & { default?: Exports };
  const scenario = loaded.scenario ?? loaded.default?.scenario;
  if (scenario === undefined) throw new Error(`${file} exports no \`scenario\``);
  return scenario;
}

type Exports = { scenario?: Scenario };

command.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
