// The sandbox that runs repository and model-written code: bubblewrap, or in so many words nothing at all.
import { tmpdir } from 'node:os';
import type { Sandbox, SandboxRun } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { bubblewrapCure, findBubblewrap } from '../provision/bubblewrap';
import { cacheFolder } from '../provision/cache';
import { provideNode } from '../provision/node';
import { runConfined, type Tools } from './confined-run';
import { defaultLimits } from './limits';
import { describePolicy } from './policy';
import { proveProtections } from './proof';
import { removeAbandoned, withScratchFolder } from './scratch';
import { createUnconfinedSandbox } from './unconfined';

/** What an operator has to say, to the letter, before anything runs without a sandbox. */
export const UNSAFE_WORDS = 'i understand that model-written code runs unconfined';

export type SandboxSettings = {
  /** Where folders for runs are made. */
  scratch?: string;
  /** Where bubblewrap and a copy of Node may be: see provision/cache. */
  cache?: string;
  unsafe?: string;
};

export function createSandbox(settings: SandboxSettings = {}): Sandbox {
  const { scratch = tmpdir(), cache = cacheFolder(), unsafe } = settings;
  if (unsafe === UNSAFE_WORDS) return createUnconfinedSandbox(scratch);
  if (unsafe) throw permanent('InvalidInput', `to run without a sandbox, say exactly "${UNSAFE_WORDS}"`);
  return createBubblewrapSandbox(scratch, cache);
}

function createBubblewrapSandbox(scratch: string, cache: string): Sandbox {
  let proven: Promise<Tools> | undefined;
  const withFolder: Sandbox['withFolder'] = async (work) => {
    await removeAbandoned(scratch);
    return withScratchFolder(scratch, work);
  };
  const prove = async () => {
    const tools = await findTools(cache);
    await withFolder((folder) => proveProtections((run) => runConfined(tools, run), folder));
    return tools;
  };
  // Proved once a process; a refusal is not remembered, because a person may cure it meanwhile.
  const ready = () =>
    (proven ??= prove().catch((error) => {
      proven = undefined;
      throw error;
    }));
  return {
    async describe() {
      const { bubblewrap } = await ready();
      return describePolicy(bubblewrap.version, process.getuid?.() === 0, defaultLimits);
    },
    withFolder,
    run: async (run: SandboxRun) => runConfined(await ready(), run),
  };
}

async function findTools(cache: string): Promise<Tools> {
  const bubblewrap = await findBubblewrap(cache);
  if (!bubblewrap) throw permanent('SandboxMissing', `bubblewrap is not installed. ${bubblewrapCure}`);
  return { bubblewrap, nodeBinary: await provideNode(cache) };
}
