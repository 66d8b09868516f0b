// What doctor looks at, one finding for each: by trying it where that is possible. Of keys it says names alone.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { loadModels } from '../../src/adapters/definition-set';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { readConfig, type Config } from '../../src/workers/config';
import { connect } from '../stack/connection';
import { setupFindings } from './setup';

const execute = promisify(execFile);
const OLDEST_GIT = [2, 38] as const;

/** `off` is a protection that is there for those who ask for it. */
export type Finding = { what: string; state: 'ok' | 'off' | 'missing'; says: string; cure?: string };

export async function findings(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const config = configured(environment);
  if ('state' in config) return [config];
  return [
    ...(await sandbox(config)),
    user(),
    await git(),
    await sshKeygen(),
    await python(),
    ...(await setupFindings(config)),
    await gateKey(config),
    allowedSigners(environment),
    await temporal(),
    ...(await modelKeys(config)),
  ];
}

function configured(environment: NodeJS.ProcessEnv): Config | Finding {
  try {
    return readConfig(environment);
  } catch (error) {
    return missing('environment', messageOf(error), 'Correct the variable; README, Configuration, has them all.');
  }
}

/** Its own proof: it tries to break out, and names what holds. */
async function sandbox({ cache, scratch, unsafe }: Config): Promise<Finding[]> {
  try {
    const held = await createSandbox({ cache, scratch, unsafe }).describe();
    if (held.startsWith('NONE'))
      return [missing('sandbox', held, 'Take MILLWRIGHT_UNSAFE away, unless this machine may be thrown away.')];
    const [program = '', walls = '', limits = ''] = held.split('; ');
    return [ok('sandbox', program), ok('isolation', walls), ok('limits', limits)];
  } catch (error) {
    return [
      missing(
        'sandbox',
        messageOf(error),
        'Until then a sandbox worker here refuses all work: docs/operating.md, The sandbox.',
      ),
    ];
  }
}

function user(): Finding {
  return process.getuid?.() === 0
    ? ok('user', 'root; each sandbox runs as a user of its own')
    : ok('user', `uid ${process.getuid?.()}; sandboxes run as this user, in namespaces of their own`);
}

async function git(): Promise<Finding> {
  const cure = `Install git ${OLDEST_GIT.join('.')} or newer.`;
  const said = await printed('git', '--version');
  const version = /(\d+)\.(\d+)[.\d]*/.exec(said ?? '');
  if (!version) return missing('git', 'git does not run here', cure);
  const recent = Number(version[1]) > OLDEST_GIT[0] || Number(version[2]) >= OLDEST_GIT[1];
  return recent ? ok('git', version[0]) : missing('git', `git ${version[0]} is too old`, cure);
}

async function sshKeygen(): Promise<Finding> {
  const found = await execute('ssh-keygen', ['-?']).catch((error: NodeJS.ErrnoException) => error);
  return 'code' in found && found.code === 'ENOENT'
    ? missing(
        'ssh-keygen',
        'it is not installed, so nothing can be signed or checked',
        'apt-get install openssh-client (or dnf, apk, pacman)',
      )
    : ok('ssh-keygen', 'signs merges and receipts, checks decisions');
}

async function python(): Promise<Finding> {
  const version =
    (await printed('/usr/local/bin/python3', '--version')) ?? (await printed('/usr/bin/python3', '--version'));
  return version === undefined
    ? { what: 'python', state: 'off', says: 'none under /usr', cure: 'Only repositories with pytest need it.' }
    : ok('python', version);
}

async function gateKey({ gateKey: file }: Config): Promise<Finding> {
  const what = 'gate key';
  if (file === undefined)
    return {
      what,
      state: 'off',
      says: 'merges are not signed',
      cure: 'MILLWRIGHT_GATE_KEY, for the gate worker: docs/operating.md, Protecting the base.',
    };
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return missing(what, `${file} is not there`, 'ssh-keygen -t ed25519 -N "" -f FILE');
  if ((mode & 0o077) !== 0) return missing(what, `others may read ${file}`, `chmod 600 ${file}`);
  const key = await printed('ssh-keygen', '-y', '-P', '', '-f', file);
  return key === undefined
    ? missing(what, `${file} is no SSH key without a passphrase`, 'ssh-keygen -t ed25519 -N "" -f FILE')
    : ok(what, file);
}

function allowedSigners({ MILLWRIGHT_ALLOWED_SIGNERS: file }: NodeJS.ProcessEnv): Finding {
  const what = 'allowed signers';
  if (!file)
    return {
      what,
      state: 'off',
      says: 'decisions need no signature',
      cure: 'MILLWRIGHT_ALLOWED_SIGNERS names who may sign them.',
    };
  try {
    const signers = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'));
    return signers.length > 0
      ? ok(what, `${signers.length} in ${file}`)
      : missing(what, `${file} names nobody`, 'One line a person: NAME ssh-ed25519 KEY');
  } catch (error) {
    return missing(what, messageOf(error), 'Name a file that this user can read.');
  }
}

async function temporal(): Promise<Finding> {
  try {
    const { address, namespace, connection } = await connect();
    await connection.close();
    return ok('temporal', `${address}, namespace ${namespace}`);
  } catch (error) {
    return missing('temporal', messageOf(error), 'npm run dev starts one here.');
  }
}

async function modelKeys({ definitions, environment }: Config): Promise<Finding[]> {
  try {
    const models = await loadModels(definitions, environment);
    const names = [...new Set(Object.values(models).flatMap(({ key }) => key ?? []))];
    return names.map((name) =>
      environment[name]
        ? ok('model key', `${name} is set`)
        : {
            what: 'model key',
            state: 'off',
            says: `${name} is not set`,
            cure: 'The agents worker needs it, and no other.',
          },
    );
  } catch (error) {
    return [missing('models', messageOf(error), 'Correct models.yaml.')];
  }
}

const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says });
const missing = (what: string, says: string, cure: string): Finding => ({ what, state: 'missing', says, cure });
const messageOf = (error: unknown) => (error as Error).message.split('\n')[0]!;

async function printed(program: string, ...args: string[]): Promise<string | undefined> {
  return execute(program, args).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
