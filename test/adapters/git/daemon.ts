// Repositories behind a URL that git can push to.
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const ATTEMPTS = 30;

const daemons: ChildProcess[] = [];
// It answers by further processes: all are its group.
afterAll(() => daemons.forEach((daemon) => process.kill(-daemon.pid!)));

/** Serves the folder's repositories as git://127.0.0.1:port/… until the file's tests have ended. */
export async function serve(folder: string, port: number): Promise<void> {
  const how = ['--export-all', '--enable=receive-pack', '--verbose', '--listen=127.0.0.1', `--port=${port}`];
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null' };
  for (let left = ATTEMPTS; ; left--) {
    const daemon = spawn('git', ['daemon', ...how, `--base-path=${folder}`, folder], { env, detached: true });
    const said = await untilReady(daemon);
    if (said === undefined) return void daemons.push(daemon);
    // A port that was free when it was chosen may be somebody else's for a moment.
    if (left === 1 || !/bind/.test(said)) throw new Error(`the git daemon has ended: ${said}`);
    await pause(1_000);
  }
}

/** Nothing, once it listens; all that it said, where it ends instead. */
function untilReady(daemon: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    daemon.stderr!.on('data', (piece) => {
      if (/Ready to rumble/.test((said += String(piece)))) resolve(undefined);
    });
    daemon.once('close', () => resolve(said));
  });
}
