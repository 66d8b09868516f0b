// Repositories behind a URL that git can push to.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const daemons: ChildProcess[] = [];
// It answers by further processes: all are its group.
afterAll(() => daemons.forEach((daemon) => process.kill(-daemon.pid!)));

/** Serves the folder's repositories as git://127.0.0.1:port/… until the file's tests have ended. */
export async function serve(folder: string, port: number): Promise<void> {
  const how = ['--export-all', '--enable=receive-pack', '--verbose', '--listen=127.0.0.1', `--port=${port}`];
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null' };
  const daemon = spawn('git', ['daemon', ...how, `--base-path=${folder}`, folder], { env, detached: true });
  daemons.push(daemon);
  await once(daemon.stderr, 'data');
}
