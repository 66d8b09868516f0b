// How much a run in the sandbox may use when it does not say otherwise.
import type { SandboxLimits } from '../../activities/ports';

const MIB = 1024 * 1024;

export const defaultLimits: SandboxLimits = {
  wallSeconds: 120,
  cpuSeconds: 120, // of each process
  processes: 128,
  memoryBytes: 1024 * MIB, // of each process; Node needs room for its heap and its workers
  fileBytes: 64 * MIB,
  diskBytes: 256 * MIB, // of /box, and again of /tmp; both are in memory
  outputBytes: 8 * MIB,
  reportBytes: 16 * MIB,
};

export const SHARED_MEMORY_BYTES = 64 * MIB;
export const OPEN_FILES = 1024;
/** What is kept of each output stream: this much of its beginning and this much of its end. */
export const KEPT_BYTES = 32 * 1024;
