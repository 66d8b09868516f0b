// What a registry says of a package: whether it and this version are there, and since when.
import type { Packages } from '../../activities/ports';
import { dependencyIn, type DependencyLook, type NewDependency } from '../../domain/new-dependencies';
import { fetchFrom, RegistryFault } from './fetching';
import type { Registries } from './registries';

const LOOKS_LIMIT = 100;
const AT_ONCE = 8;
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
const DAY_MS = 86_400_000;

type Found = Omit<DependencyLook, 'named'>;
const unknown = (why: string): Found => ({ known: 'unknown', says: `age unknown: ${why}` });

export const noPackages: Packages = {
  look: (named) =>
    Promise.resolve(named.map((one) => ({ named: one, ...unknown('nothing is asked of registries here') }))),
};

export function createPackages(registries: () => Promise<Registries>): Packages {
  return {
    async look(named) {
      const found: DependencyLook[] = [];
      for (let at = 0; at < named.length; at += AT_ONCE) {
        const next = named.slice(at, at + AT_ONCE).map(async (one): Promise<DependencyLook> => {
          const dependency = dependencyIn(one);
          if (dependency === undefined) return { named: one, ...unknown('it is no name of a package') };
          if (at >= LOOKS_LIMIT) return { named: one, ...unknown(`only the first ${LOOKS_LIMIT} are looked up`) };
          return { named: one, ...(await lookAt(await registries(), dependency)) };
        });
        found.push(...(await Promise.all(next)));
      }
      return found;
    },
  };
}

async function lookAt(registries: Registries, dependency: NewDependency): Promise<Found> {
  const { from, name } = dependency;
  try {
    return await (from === 'npm' ? inNpm : inPython)(registries, dependency);
  } catch (error) {
    if (!(error instanceof RegistryFault)) return unknown('the registry’s answer cannot be read');
    if (error.kind === 'missing') return { known: 'missing', says: `${name} is not at ${registries[from]}` };
    return unknown(error.message);
  }
}

async function inNpm(registries: Registries, { name, version }: NewDependency): Promise<Found> {
  const page = (await json(registries, `${registries.npm}${name.replace('/', '%2f')}`, 'application/json')) as {
    versions?: Record<string, unknown>;
    time?: Record<string, string>;
    'dist-tags'?: { latest?: string };
  };
  const latest = page['dist-tags']?.latest;
  return judged(name, version, Object.keys(page.versions ?? {}), latest, (one) => page.time?.[one]);
}

async function inPython(registries: Registries, { name, version }: NewDependency): Promise<Found> {
  const page = (await json(registries, `${registries.python}${name}/`, 'application/vnd.pypi.simple.v1+json')) as {
    versions?: string[];
    files?: { filename: string; 'upload-time'?: string }[];
  };
  const uploaded = (one: string) =>
    page.files
      ?.filter(({ filename }) => filename.replace(/\.(tar\.gz|zip)$/, '').split('-')[1] === one)
      .map((file) => file['upload-time'])
      .filter((time) => time !== undefined)
      .sort()[0];
  return judged(name, version, page.versions, page.versions?.at(-1), uploaded);
}

/** A range stands for its newest version here: what it will be is decided where it is locked. */
function judged(
  name: string,
  version: string,
  versions: readonly string[] | undefined,
  latest: string | undefined,
  publishedAt: (version: string) => string | undefined,
): Found {
  const isExact = /^\d[\w.+-]*$/.test(version);
  if (isExact && versions !== undefined && !versions.includes(version))
    return { known: 'missing', says: `${name} has no version ${version}` };
  const meant = isExact ? version : latest;
  const time = meant === undefined ? undefined : Date.parse(publishedAt(meant) ?? '');
  if (time === undefined || Number.isNaN(time)) return { known: 'there', says: 'age unknown' };
  const days = Math.max(0, Math.floor((Date.now() - time) / DAY_MS));
  const newest = isExact ? '' : `its newest is ${meant}, `;
  return { known: 'there', says: `${newest}published ${new Date(time).toISOString().slice(0, 10)}, ${days} days ago` };
}

async function json(registries: Registries, address: string, accept: string): Promise<unknown> {
  const { body } = await fetchFrom(registries, address, { accept, limitBytes: ANSWER_LIMIT_BYTES });
  return JSON.parse(body.toString());
}
