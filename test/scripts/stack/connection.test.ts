// The connection that scripts use: Temporal's own variables decide, and what goes wrong is said in words.
import { writeFileSync } from 'node:fs';
import { connect, uiUrlFor, workflowLink } from '../../../scripts/stack/connection';
import { freePorts } from '../../../scripts/stack/ports';
import { openRunFolder } from '../../../scripts/stack/run-folder';
import { ensureSearchAttributes } from '../../../scripts/stack/search-attributes';
import { startServer, type Server } from '../../../scripts/stack/server';
import { findTemporal } from '../../../src/adapters/provision/temporal';
import { searchAttributes } from '../../../src/domain/names';
import { quickest } from '../../quickest';

const folder = openRunFolder();
afterAll(() => folder.close());

/** A configuration file with these lines in its default profile. */
function profile(lines: string): string {
  const path = `${folder.path}/temporal.toml`;
  writeFileSync(path, `[profile.default]\n${lines}\n`);
  return path;
}

const before = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/^TEMPORAL_(?!CLI)|^MILLWRIGHT_/.test(name)) delete process.env[name];
  process.env.TEMPORAL_CONFIG_FILE = profile(''); // not that of whoever runs the tests
});
afterEach(() => {
  process.env = { ...before };
});

describe('with a server', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({ temporal: await findTemporal() });
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    process.env.TEMPORAL_ADDRESS = server.address;
  });

  test('connects to the address and namespace that the environment names', async () => {
    const { client, connection, namespace, address } = await connect();
    expect({ namespace, address }).toEqual({ namespace: 'default', address: server.address });
    await client.workflow.start('anything', { workflowId: 'one', taskQueue: 'nobody' });
    await connection.close();
  });

  test('connects as the profile says, where the environment says nothing', async () => {
    delete process.env.TEMPORAL_ADDRESS;
    profile(`address = "${server.address}"\nnamespace = "temporal-system"`);
    const { connection, namespace, address } = await connect();
    expect({ namespace, address }).toEqual({ namespace: 'temporal-system', address: server.address });
    await connection.close();
  });

  test('says that the namespace is not there, and how to make it', async () => {
    process.env.TEMPORAL_NAMESPACE = 'elsewhere';
    await expect(connect()).rejects.toThrow(
      `The Temporal server at ${server.address} has no namespace "elsewhere". Choose another with TEMPORAL_NAMESPACE, ` +
        'or create it: temporal operator namespace create --namespace elsewhere',
    );
  });

  test('adds missing search attributes once, and a workflow may use them at once', async () => {
    const { client, connection } = await connect();
    const missing = [searchAttributes.state, searchAttributes.waitingFor];
    await connection.operatorService.removeSearchAttributes({ namespace: 'default', searchAttributes: missing });
    expect(await ensureSearchAttributes(connection, 'default')).toEqual(missing);
    await client.workflow.start('anything', {
      workflowId: 'found',
      taskQueue: 'nobody',
      searchAttributes: { [searchAttributes.state]: ['running'] },
    });
    expect(await ensureSearchAttributes(connection, 'default')).toEqual([]);
    await connection.close();
  });

  test('refuses a search attribute of another type by name', async () => {
    const { connection } = await connect();
    const names = { namespace: 'default', searchAttributes: [searchAttributes.project] };
    await connection.operatorService.removeSearchAttributes(names);
    const asNumber = { [searchAttributes.project]: 3 };
    await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: asNumber });
    await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow(
      'In namespace default, MillwrightProject must be of type Keyword, and is of another.',
    );
    await connection.close();
  });
});

test('says within seconds that nothing answers, where, and what to do', async () => {
  const [port] = await freePorts(1);
  process.env.TEMPORAL_ADDRESS = `127.0.0.1:${port}`;
  const told = new RegExp(
    `^No Temporal server answers at 127.0.0.1:${port} .*ECONNREFUSED.*npm run dev.*TEMPORAL_ADDRESS`,
  );
  // Asked again until its deadline, it would take ten.
  expect(await quickest(() => expect(connect()).rejects.toThrow(told))).toBeLessThan(5_000);
});

test('says in words that the configuration cannot be read', async () => {
  profile('no toml at all');
  await expect(connect()).rejects.toThrow(/^Temporal's configuration cannot be read \(.*TEMPORAL_CONFIG_FILE/s);
});

test.each([
  ['127.0.0.1:7233', 'http://127.0.0.1:8233'],
  ['temporal.example', 'http://temporal.example:8233'],
  ['acme.a1b2c.tmprl.cloud:7233', 'https://cloud.temporal.io'],
  ['us-east-1.aws.api.temporal.io:7233', 'https://cloud.temporal.io'],
])('expects the UI of %s at %s', (address, uiUrl) => {
  expect(uiUrlFor(address)).toBe(uiUrl);
});

test('takes the UI from MILLWRIGHT_UI_URL when it is set', () => {
  process.env.MILLWRIGHT_UI_URL = 'https://temporal.example/ui/';
  expect(uiUrlFor('127.0.0.1:7233')).toBe('https://temporal.example/ui');
});

test('links to a milestone, whose id has a slash', () => {
  expect(workflowLink('http://ui', 'default', 'shop/m1')).toBe('http://ui/namespaces/default/workflows/shop%2Fm1');
  expect(workflowLink('http://ui', 'default', 'shop', 'r1')).toBe(
    'http://ui/namespaces/default/workflows/shop/r1/history',
  );
});
