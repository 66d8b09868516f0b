// Where definitions lie: the shipped ones, and over them, file by file, those of a user's own folder.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './yaml-file';

export type DefinitionFolders = {
  shipped: string;
  /** The user's own: pipelines/, agents/ and models.yaml, as far as they differ. */
  own?: string;
  /** Files that stand in for those of a name, wherever they lie: drafts that are checked. */
  drafts?: Readonly<Record<string, string>>;
};

/** A file by the name that it has in both folders: the user's own, if it is there. Own files are called by their whole path. */
export function placeOf({ shipped, own, drafts }: DefinitionFolders, name: string): Place {
  const over = [drafts?.[name], own && join(own, name)].filter((path) => path !== undefined);
  const places = [...over.map((path) => ({ path, shown: path })), { path: join(shipped, name), shown: name }];
  return places.find(({ path }) => existsSync(path)) ?? places[0]!;
}

/** `pipelines` by the names of their files, also of those whose name is nearly right. */
export async function pipelineFiles(folders: DefinitionFolders): Promise<string[]> {
  return (await namesIn(folders, 'pipelines')).filter((name) => /\.ya?ml$/.test(name));
}

/** `agents` by the names of their folders: those in which there is an agent, or a part of one. */
export async function agentFolders(folders: DefinitionFolders): Promise<string[]> {
  const names = await namesIn(folders, 'agents');
  return names.filter((name) =>
    ['agent.yaml', 'prompt.md'].some((part) => existsSync(placeOf(folders, join('agents', name, part)).path)),
  );
}

async function namesIn({ shipped, own, drafts = {} }: DefinitionFolders, part: string): Promise<string[]> {
  const listed = await Promise.all([
    readdir(join(shipped, part)),
    own !== undefined && existsSync(join(own, part)) ? readdir(join(own, part)) : [],
  ]);
  const drafted = Object.keys(drafts).filter((name) => name.startsWith(`${part}/`));
  return [...new Set([...listed.flat(), ...drafted.map((name) => name.split('/')[1]!)])].sort();
}
