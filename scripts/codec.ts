// npm run codec: decrypts payloads for the Temporal UI and the command line of who runs it, until Ctrl-C.
import { createCodec } from '../src/adapters/encryption/codec';
import { encryptionKeys, type EncryptionKey } from '../src/adapters/encryption/keys';
import { KEYS_VARIABLE } from '../src/domain/encryption';
import { isLoopback, startCodecServer } from './codec/server';
import { Ended, exitCodes } from './cli/exit-codes';
import { run, several, verb, whole } from './cli/verb';
import { closeOnSignal } from './stack/processes';
import { demandFree, LOOPBACK } from './stack/ports';

type Options = { port: number; host: string; origin?: string[] };

const TOKEN_VARIABLE = 'MILLWRIGHT_CODEC_TOKEN';

const command = verb({
  name: 'codec',
  does: `Decrypts payloads for the Temporal UI and the temporal command line, with the keys in ${KEYS_VARIABLE}, until Ctrl-C. Whoever can reach it reads everything: it listens on this machine alone, answers pages of the named origins only, and with ${TOKEN_VARIABLE} only who shows that token. It speaks plain HTTP.`,
  examples: ['', '--origin http://127.0.0.1:8233', '--origin https://cloud.temporal.io --port 8888'],
})
  .option('--port <number>', 'where it listens', whole, 8081)
  .option(
    '--host <address>',
    `the address at which it listens; any but this machine's own needs ${TOKEN_VARIABLE}`,
    LOOPBACK,
  )
  .option('--origin <origin>', "a page that may ask: the UI's address, once for each (default: none)", several)
  .action(serve);

async function serve({ port, host, origin: origins = [] }: Options): Promise<void> {
  const keys = usable();
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined)
    throw new Ended(
      exitCodes.usage,
      `--origin: "${wrong}" is no origin; expected scheme, host and port alone: http://127.0.0.1:8233`,
    );
  const token = process.env[TOKEN_VARIABLE] || undefined;
  if (!isLoopback(host) && token === undefined)
    throw new Ended(
      exitCodes.usage,
      `--host ${host}: whoever reaches it reads everything; set ${TOKEN_VARIABLE} to a long random word first.`,
    );
  if (isLoopback(host) && port !== 0) await demandFree(port, 'the codec', '--port <number>');
  const server = await startCodecServer({ codec: createCodec(keys, 'tell'), host, port, origins, token });
  closeOnSignal(() => server.close());
  console.log(words(server.url, keys, origins, token !== undefined));
  await new Promise(() => undefined);
}

/** What is wrong with the keys is wrong usage. */
function usable(): readonly EncryptionKey[] {
  let keys: readonly EncryptionKey[];
  try {
    keys = encryptionKeys(process.env);
  } catch (error) {
    throw new Ended(exitCodes.usage, (error as Error).message);
  }
  if (keys.length > 0) return keys;
  throw new Ended(
    exitCodes.usage,
    `${KEYS_VARIABLE} is not set: there is nothing to decrypt with. A first key: ${KEYS_VARIABLE}="k1:$(openssl rand -base64 32)"`,
  );
}

const words = (url: string, keys: readonly EncryptionKey[], origins: readonly string[], guarded: boolean): string => `
Up, until Ctrl-C:
  codec     ${url}
  encrypts  with "${keys[0]!.id}", decrypts with ${keys.map(({ id }) => `"${id}"`).join(', ')}
  pages     ${origins.length === 0 ? 'none may ask; name the UI with --origin' : origins.join(', ')}
  token     ${guarded ? 'demanded' : `none: every program on this machine may ask (${TOKEN_VARIABLE})`}

  temporal --codec-endpoint ${url}${guarded ? ` --codec-auth "Bearer $${TOKEN_VARIABLE}"` : ''} workflow show --workflow-id <id>
  In the UI: the glasses at the top right, "Remote Codec Endpoint": ${url}

It does not hide ids, states, times, sizes, names of stages and queues, or who asked: those are not payloads.
`;

run(command);
