// A small package registry of our own: packages of npm and wheels of Python, made in the test, served over HTTP, and every request noted.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

type Files = Readonly<Record<string, string>>;
type Package = { name: string; version: string; archive: Buffer; at: string; manifest: object };
type Wheel = { name: string; version: string; file: string; archive: Buffer; at: string };

export const LONG_AGO = '2020-02-20T12:00:00.000Z';

export class Registry {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'registry-'));
  readonly #packages: Package[] = [];
  readonly #wheels: Wheel[] = [];
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));
  /** What was asked for, in order, with its authorization where it had one. */
  readonly asked: { url: string; authorization?: string }[] = [];
  /** Answers with this status to everything, while it is set. */
  out?: number;

  async open(): Promise<this> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return this;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get npm(): string {
    return `${this.origin}/npm/`;
  }

  get python(): string {
    return `${this.origin}/python/simple/`;
  }

  /** A package of npm; `manifest` is what its package.json says besides. */
  publish(
    name: string,
    version: string,
    files: Files,
    { manifest = {}, at = LONG_AGO }: { manifest?: object; at?: string } = {},
  ): this {
    const whole = { name, version, main: 'index.js', ...manifest };
    const folder = this.#write({ ...files, 'package.json': JSON.stringify(whole) }, 'package');
    const archive = execFileSync('tar', ['-czf', '-', '-C', path.dirname(folder), 'package']);
    this.#packages.push({ name, version, archive, at, manifest: whole });
    return this;
  }

  wheel(name: string, version: string, files: Files, { at = LONG_AGO }: { at?: string } = {}): this {
    const info = `${name}-${version}.dist-info`;
    const all = {
      ...files,
      [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
      [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    };
    const record = [...Object.keys(all), `${info}/RECORD`].map((file) => `${file},,`).join('\n');
    const folder = this.#write({ ...all, [`${info}/RECORD`]: `${record}\n` }, 'wheel');
    const file = `${name}-${version}-py3-none-any.whl`;
    const place = path.join(path.dirname(folder), file);
    execFileSync('python3', ['-m', 'zipfile', '-c', place, ...Object.keys(all).map(top), `${info}/`].filter(unique), {
      cwd: folder,
    });
    this.#wheels.push({ name, version, file, archive: readFileSync(place), at });
    return this;
  }

  /** What is served is no more what was published. */
  spoil(name: string): void {
    for (const one of [...this.#packages, ...this.#wheels])
      if (one.name === name) one.archive = Buffer.concat([one.archive, Buffer.from('more')]);
  }

  integrity(name: string, version: string): string {
    return `sha512-${createHash('sha512').update(this.#found(name, version).archive).digest('base64')}`;
  }

  /** A package.json and its package-lock.json, with these packages at the top. */
  locked(wanted: Readonly<Record<string, string>>, more: object = {}, at = this.npm): Record<string, string> {
    const dependencies = Object.fromEntries(Object.entries(wanted).map(([name, version]) => [name, `^${version}`]));
    const manifest = { name: 'shop', version: '1.0.0', ...more, dependencies };
    const packages = Object.entries(wanted).map(([name, version]) => [
      `node_modules/${name}`,
      this.entry(name, version, at),
    ]);
    const lock = { name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true };
    return {
      'package.json': json(manifest),
      'package-lock.json': json({ ...lock, packages: { '': manifest, ...Object.fromEntries(packages) } }),
    };
  }

  entry(name: string, version: string, at = this.npm): object {
    const { manifest } = this.#found(name, version);
    const { dependencies, bin, scripts } = manifest as Record<string, object | undefined>;
    return {
      version,
      resolved: `${at}${addressOf(name, version)}`,
      integrity: this.integrity(name, version),
      ...(dependencies && { dependencies }),
      ...(bin && { bin }),
      ...(scripts && { hasInstallScript: true }),
    };
  }

  /** Lines of a requirements.txt. */
  requirements(...wanted: readonly (readonly [name: string, version: string])[]): string {
    return wanted
      .map(([name, version]) => {
        const { archive } = this.#wheels.find((one) => one.name === name && one.version === version)!;
        return `${name}==${version} \\\n    --hash=sha256:${createHash('sha256').update(archive).digest('hex')}\n`;
      })
      .join('');
  }

  #found(name: string, version: string): Package {
    return this.#packages.find((one) => one.name === name && one.version === version)!;
  }

  #write(files: Files, as: string): string {
    const folder = path.join(mkdtempSync(path.join(this.#folder, 'made-')), as);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    return folder;
  }

  #answer({ url = '', headers, method }: IncomingMessage, response: ServerResponse): void {
    this.asked.push({ url, ...(headers.authorization && { authorization: headers.authorization }) });
    const found = method === 'GET' && this.out === undefined ? this.#look(decodeURIComponent(url)) : undefined;
    if (found === undefined) return void response.writeHead(this.out ?? 404).end('nothing');
    response.writeHead(200, { 'content-type': found.type }).end(found.body);
  }

  #look(url: string): { type: string; body: Buffer | string } | undefined {
    const archive = this.#packages.find(({ name, version }) => url === `/npm/${addressOf(name, version)}`);
    if (archive) return { type: 'application/octet-stream', body: archive.archive };
    const versions = this.#packages.filter(({ name }) => url === `/npm/${name}`);
    if (versions.length > 0) return { type: 'application/json', body: JSON.stringify(this.#packument(versions)) };
    const file = this.#wheels.find((one) => url === `/python/files/${one.file}`);
    if (file) return { type: 'application/octet-stream', body: file.archive };
    const files = this.#wheels.filter(({ name }) => url === `/python/simple/${name}/`);
    if (files.length > 0)
      return { type: 'application/vnd.pypi.simple.v1+json', body: JSON.stringify(this.#simple(files)) };
    return undefined;
  }

  #packument(versions: readonly Package[]): object {
    const dist = ({ name, version }: Package) => ({
      tarball: `${this.npm}${addressOf(name, version)}`,
      integrity: this.integrity(name, version),
    });
    return {
      name: versions[0]!.name,
      'dist-tags': { latest: versions.at(-1)!.version },
      versions: Object.fromEntries(versions.map((one) => [one.version, { ...one.manifest, dist: dist(one) }])),
      time: Object.fromEntries(versions.map(({ version, at }) => [version, at])),
    };
  }

  #simple(files: readonly Wheel[]): object {
    return {
      meta: { 'api-version': '1.1' },
      name: files[0]!.name,
      versions: files.map(({ version }) => version),
      files: files.map(({ file, archive, at }) => ({
        filename: file,
        url: `${this.origin}/python/files/${file}`,
        hashes: { sha256: createHash('sha256').update(archive).digest('hex') },
        size: archive.length,
        'upload-time': at,
      })),
    };
  }
}

const addressOf = (name: string, version: string) => `${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
const json = (content: object) => `${JSON.stringify(content, null, 2)}\n`;
const top = (file: string) => (file.includes('/') ? `${file.split('/')[0]}/` : file);
const unique = (one: string, at: number, all: readonly string[]) => all.indexOf(one) === at;

/** Open for the whole test file. */
export function useRegistry(): Registry {
  const registry = new Registry();
  beforeAll(() => registry.open());
  afterAll(() => registry.close());
  return registry;
}
