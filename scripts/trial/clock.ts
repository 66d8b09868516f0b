// A clock of its own for the workers of a trial, that can be set: libfaketime, which Debian and others have as a package.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = 'faketime/libfaketimeMT.so.1';
const PLACES = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];

export type Clock = {
  /** For the processes that go by it. */
  environment: NodeJS.ProcessEnv;
  /** So many seconds ahead of this machine's, or behind it. */
  set(seconds: number): void;
  /** All that it was set to. */
  shown(): number[];
};

export const whyNoClock = (): string | undefined =>
  libfaketime() === undefined ? 'libfaketime is not here: apt-get install faketime' : undefined;

export function openClock(folder: string): Clock {
  const file = join(folder, 'clock');
  const shown = new Set<number>();
  const set = (seconds: number) => {
    shown.add(seconds);
    writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
  };
  set(0);
  const environment = {
    ...{ LD_PRELOAD: libfaketime(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1' },
    // As on a machine whose clock is set: timers go on counting. Files are stamped by the kernel, which knows nothing of it.
    ...{ FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_DISABLE_SHM: '1' },
  };
  return { environment, set, shown: () => [...shown] };
}

function libfaketime(): string | undefined {
  const folders = PLACES.filter((place) => existsSync(place)).flatMap((place) => [
    place,
    ...readdirSync(place)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(place, name)),
  ]);
  return folders.map((folder) => join(folder, LIBRARY)).find((file) => existsSync(file));
}
