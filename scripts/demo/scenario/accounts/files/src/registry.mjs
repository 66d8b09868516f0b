// Loads every module of a folder, in the order of the file names: adding a route or a guard is adding a file.
import { readdir } from 'node:fs/promises';

/** What each module's default export makes of the context. */
export async function loadFolder(folder, context) {
  const here = new URL(`./${folder}/`, import.meta.url);
  const names = (await readdir(here)).filter((name) => name.endsWith('.mjs')).sort();
  const modules = await Promise.all(names.map((name) => import(new URL(name, here))));
  return modules.map((module) => module.default(context));
}
