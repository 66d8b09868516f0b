// What doctor says of installing: from which registries, whether they answer, and how much is kept.
import { provideNpm } from '../../src/adapters/setup/npm';
import { providePip } from '../../src/adapters/setup/python';
import { setupFolder } from '../../src/adapters/setup/setup';
import { storeSize } from '../../src/adapters/setup/store';
import { fetchFrom } from '../../src/adapters/registries/fetching';
import type { Config } from '../../src/workers/config';
import type { Finding } from './findings';

const ANSWERED_MS = 5_000;
const MIB = 1024 ** 2;

/** None of it is a protection: what is not there costs only the targets that need it. */
export async function setupFindings({ install, cache }: Config): Promise<Finding[]> {
  const off = (says: string, cure: string): Finding => ({ what: 'setup', state: 'off', says, cure });
  if (install === false)
    return [
      off('nothing is installed for tests', 'MILLWRIGHT_INSTALL=on: docs/operating.md, Dependencies of a target.'),
    ];
  try {
    const registries = await install.registries();
    const { kept, bytes } = await storeSize(setupFolder(cache));
    const npm = await provideNpm(cache).then(({ version }) => `npm ${version}`, messageOf);
    const pip = await providePip(cache).then(() => 'pip', messageOf);
    const says = `${npm} from ${registries.npm}, ${pip} from ${registries.python}; ${kept} kept, ${Math.ceil(bytes / MIB)} MiB`;
    const silent = await silentOnes(registries);
    return silent === undefined
      ? [{ what: 'setup', state: 'ok', says }]
      : [off(`${says}; ${silent}`, 'MILLWRIGHT_NPM_REGISTRY and MILLWRIGHT_PYTHON_INDEX name others.')];
  } catch (error) {
    return [off(messageOf(error), 'Tests that need packages do not run until then.')];
  }
}

async function silentOnes(
  registries: Awaited<ReturnType<Exclude<Config['install'], false>['registries']>>,
): Promise<string | undefined> {
  const asked = [`${registries.npm}-/ping`, registries.python].map((address) =>
    fetchFrom(registries, address, { signal: AbortSignal.timeout(ANSWERED_MS) }).then(
      () => undefined,
      // That it has no such page is an answer.
      (error: { kind?: string; message: string }) =>
        error.kind === 'missing' || error.kind === 'refused' ? undefined : error.message,
    ),
  );
  return (await Promise.all(asked)).find((message) => message !== undefined);
}

const messageOf = (error: unknown) => (error as Error).message.split('\n')[0]!;
