// Where packages come from: the operator's own words, or what npm and pip are told on this machine, or the public registries.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { permanent } from '../../domain/failures';

const execute = promisify(execFile);
const ASKED_MS = 20_000;
const PUBLIC = { npm: 'https://registry.npmjs.org/', python: 'https://pypi.org/simple/' };
/** Where the public index keeps its files. */
const PYPI_FILES = 'https://files.pythonhosted.org/';

export type RegistrySettings = {
  /** Whole addresses; user and password in them are sent to the registry, and shown to nobody. */
  npm?: string;
  python?: string;
  /** Further hosts that a registry sends its clients to. */
  hosts?: readonly string[];
};

/** A place that may be asked: everything below this address. */
export type Route = { below: string; authorization?: string };
export type Registries = { npm: string; python: string; routes: readonly Route[] };

/** Asked once a process: npm takes a quarter of a second to answer. */
export function createRegistries(settings: RegistrySettings = {}): () => Promise<Registries> {
  let known: Promise<Registries> | undefined;
  return () => (known ??= find(settings).catch((error) => ((known = undefined), Promise.reject(error))));
}

async function find({ npm, python, hosts = [] }: RegistrySettings): Promise<Registries> {
  const [ofNpm, ofPip] = [npm ?? (await npmsOwn()), python ?? (await pipsOwn())];
  const [one, other] = [routeTo(ofNpm ?? PUBLIC.npm), routeTo(ofPip ?? PUBLIC.python)];
  const index = new URL(other.below);
  // An index of Python's names its files wherever on its host they are.
  const files = { ...other, below: `${index.origin}/` };
  const further = [...(other.below === PUBLIC.python ? [PYPI_FILES] : []), ...hosts.map((host) => `https://${host}/`)];
  return { npm: one.below, python: other.below, routes: [one, files, ...further.map((below) => ({ below }))] };
}

function routeTo(address: string): Route {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw permanent(
      'InvalidInput',
      'the address of a package registry is no http(s) address: MILLWRIGHT_NPM_REGISTRY, MILLWRIGHT_PYTHON_INDEX',
    );
  const url = new URL(address);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const below = `${url.origin}${url.pathname.replace(/\/*$/, '/')}`;
  if (user === '' && password === '') return { below };
  return { below, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** From the root: the settings of the folder that somebody happens to stand in are nobody's. */
const said = (program: string, args: readonly string[]): Promise<string | undefined> =>
  execute(program, args, { cwd: '/', timeout: ASKED_MS }).then(
    ({ stdout }) => stdout.trim().split('\n').at(-1) || undefined,
    () => undefined,
  );

async function npmsOwn(): Promise<string | undefined> {
  const registry = await said('npm', ['config', 'get', 'registry']);
  return registry !== undefined && URL.canParse(registry) ? registry : undefined;
}

const pipsOwn = async (): Promise<string | undefined> =>
  process.env.PIP_INDEX_URL || (await said('python3', ['-m', 'pip', 'config', 'get', 'global.index-url']));
