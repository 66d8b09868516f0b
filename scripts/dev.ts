// npm run dev: a Temporal server with its UI and all workers on this machine, until Ctrl-C.
import { provideBubblewrap } from '../src/adapters/provision/bubblewrap';
import { cacheFolder } from '../src/adapters/provision/cache';
import { devServer, yourServer, type DevOptions, type DevServer } from './cli/dev-server';
import { devWords } from './cli/dev-words';
import { keepWorkers } from './cli/keep-workers';
import { run, verb, whole } from './cli/verb';
import { closeOnSignal, Processes } from './stack/processes';
import { openRunFolder } from './stack/run-folder';

const command = verb({
  name: 'dev',
  does: 'Starts a Temporal server with its UI and all workers on this machine, and keeps them up until Ctrl-C. Where TEMPORAL_ADDRESS is set, only the workers, against that server.',
  examples: ['', '--port 7300 --ui-port 8300 --db-file ./temporal.sqlite'],
})
  .option('--port <number>', "the server's port", whole, 7233)
  .option('--ui-port <number>', "the UI's port (default: a thousand above the server's)", whole)
  .option('--db-file <file>', "the server's database (default: in the cache folder, so that work survives a restart)")
  .action(dev);

async function dev(options: DevOptions): Promise<void> {
  const say = (line: string) => console.log(line);
  const folder = openRunFolder();
  const processes = new Processes(folder.logs);
  const stopping = new AbortController();
  let server: DevServer | undefined;
  const close = async () => {
    stopping.abort();
    await processes.close();
    await server?.stop();
    folder.close();
  };
  closeOnSignal(close);
  try {
    await provideBubblewrap(cacheFolder(), say).catch((error: Error) => say(`No sandbox: ${error.message}`));
    server = process.env.TEMPORAL_ADDRESS ? await yourServer() : await devServer(options, folder.logs, say);
    const { lost } = await keepWorkers(processes, server, { say, stopping: stopping.signal });
    say(devWords(server, Boolean(process.env.OPENAI_API_KEY)));
    await Promise.race([server.ended, lost]);
  } finally {
    await close();
  }
}

run(command);
