// Test files as they were before anything ran: the code that they test could write others in their place.
import { statSync } from 'node:fs';
import path from 'node:path';

/** Says, whenever it is asked, which of these files are no more what they were. */
export function originals(files) {
  const before = files.map((file) => [file, stateOf(file)]);
  return () => before.filter(([file, state]) => stateOf(file) !== state).map(([file]) => file);
}

// A changed file cannot get its old time of change back; one of another folder has another number.
function stateOf(file) {
  try {
    const { ino, ctimeNs } = statSync(file, { bigint: true });
    const folders = [];
    for (let at = path.dirname(file); at !== path.dirname(at); at = path.dirname(at)) folders.push(statSync(at).ino);
    return [ino, ctimeNs, ...folders].join();
  } catch {
    return 'gone';
  }
}
