// docker-compose.yml, as Compose itself reads it. No engine is needed for that, and none has run it.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached, cacheFolder } from '../../src/adapters/provision/cache';

const ROOT = join(__dirname, '../..');
const VERSION = 'v2.40.3';
const COMPOSE = 'github.com/docker/compose/v2/cmd';
const MINUTES = 60_000;

type Service = {
  command?: string[];
  environment?: Record<string, string>;
  secrets?: { source: string }[];
  healthcheck?: object;
  volumes?: { source: string; target: string; read_only?: boolean }[];
  depends_on?: Record<string, { condition: string }>;
};
type Composed = { services: Record<string, Service>; volumes: Record<string, object> };

let compose: string;
let folder: string;

/** As somebody has it who did what the documentation says. */
beforeAll(async () => {
  const built = await cached(cacheFolder(), `compose-${VERSION}`, (draft) => {
    const go = (...args: string[]) => execFileSync('go', args, { cwd: draft, stdio: 'pipe', timeout: 30 * MINUTES });
    go('mod', 'init', 'tool');
    go('get', '-tool', `${COMPOSE}@${VERSION}`);
    go('build', '-o', 'docker-compose', COMPOSE);
    return Promise.resolve();
  });
  compose = join(built, 'docker-compose');
  folder = mkdtempSync(join(tmpdir(), 'millwright-compose-'));
  copyFileSync(join(ROOT, 'docker-compose.yml'), join(folder, 'docker-compose.yml'));
  cpSync(join(ROOT, 'deploy'), join(folder, 'deploy'), { recursive: true });
  for (const name of ['common', 'workflows', 'agents'])
    copyFileSync(join(folder, `deploy/${name}.env.example`), join(folder, `deploy/${name}.env`));
  writeFileSync(join(folder, 'gate_key'), 'a key');
}, 30 * MINUTES);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (env: Record<string, string>): string =>
  execFileSync(compose, ['-f', 'docker-compose.yml', 'config', '--format', 'json'], {
    ...{ cwd: folder, encoding: 'utf8', stdio: 'pipe' },
    env: { PATH: process.env.PATH, HOME: folder, ...env },
  });
const filledIn = { POSTGRES_PASSWORD: 'canary-password', MILLWRIGHT_GATE_KEY_FILE: './gate_key' };
const workers = ['workflows', 'agents', 'sandbox', 'gate'];

test('what must be filled in is asked for in words', () => {
  expect(() => config({})).toThrow(/set it in \.env/);
});

test('there is a service for each kind of worker, each with what it may have and nothing more', () => {
  const { services, volumes } = JSON.parse(config(filledIn)) as Composed;
  expect(Object.keys(services)).toEqual(
    expect.arrayContaining(['postgres', 'temporal', 'ui', 'prometheus', ...workers]),
  );
  for (const name of workers) {
    const service = services[name]!;
    expect(service.command).toEqual(['--queues', name]);
    expect(service.healthcheck).toBeDefined();
    expect(service.depends_on).toMatchObject({ temporal: { condition: 'service_healthy' } });
    expect(service.environment).toMatchObject({
      TEMPORAL_ADDRESS: 'temporal:7233',
      MILLWRIGHT_METRICS: '0.0.0.0:9464',
    });
    for (const { source } of service.volumes!) expect(volumes).toHaveProperty(source);
  }
  const having = (test: (service: Service) => boolean) => Object.keys(services).filter((name) => test(services[name]!));
  expect(having(({ secrets = [] }) => secrets.some(({ source }) => source === 'gate_key'))).toEqual(['gate']);
  expect(having(({ environment = {} }) => 'OPENAI_API_KEY' in environment)).toEqual(['agents']);
  expect(having((service) => JSON.stringify(service).includes('canary-password')).sort()).toEqual([
    ...['postgres', 'schema', 'temporal'],
  ]);
  const repositories = services.sandbox!.volumes!.find(({ source }) => source === 'repositories');
  expect(repositories).toMatchObject({ read_only: true });
});

test('what it mounts and builds from is there, and what Prometheus reads is what it runs', () => {
  for (const path of ['Dockerfile', 'deploy/prometheus.yml', 'deploy/temporal-dynamic.yaml'])
    expect(existsSync(join(ROOT, path))).toBe(true);
  const scraped = readFileSync(join(ROOT, 'deploy/prometheus.yml'), 'utf8').match(/'[a-z]+:9464'/g);
  expect(scraped).toEqual(workers.map((name) => `'${name}:9464'`));
  const copied = [...readFileSync(join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, from]) =>
    from!.split(' '),
  );
  expect(copied).toEqual(expect.arrayContaining(['package-lock.json', 'src', 'scripts', 'pipelines', 'agents']));
  for (const path of copied) expect(readdirSync(ROOT)).toContain(path);
});
