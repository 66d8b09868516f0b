// A sandbox in which the tests find what was installed for them, and cannot change it.
import type { Installed, Sandbox } from '../../activities/ports';

export function withInstalled(sandbox: Sandbox, installed: Installed | undefined): Sandbox {
  if (installed === undefined || installed.mounts.length === 0) return sandbox;
  return {
    ...sandbox,
    run: (run) =>
      sandbox.run({
        ...run,
        readOnly: [...(run.readOnly ?? []), ...installed.mounts],
        environment: { ...installed.environment, ...run.environment },
      }),
  };
}
