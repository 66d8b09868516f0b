// The demo from its first line to its last: says what is about to be seen, sets up, delivers, and shows what came of it.
import { ProjectRequest } from '../../src/domain/request';
import { startProject } from '../cli/launch';
import { workflowLink } from '../stack/connection';
import { openRunFolder, type RunFolder } from '../stack/run-folder';
import type { BringDown } from './bring-down';
import { approveByItself } from './by-itself';
import type { Choice } from './choice';
import { closing } from './closing';
import { openDisplay, type Display } from './display';
import { follow } from './follow';
import { lastWords } from './last-words';
import { lookAround } from './look-around';
import { opening } from './opening';
import { askPerson, Left } from './person';
import { setUp, type Rig } from './set-up';
import { stepsOn } from './steps';
import { clear } from './target';

/** Whether everything was merged, and the target's own tests pass. */
export async function perform(choice: Choice, down: BringDown): Promise<boolean> {
  const display = openDisplay();
  opening(choice, display);
  const folder = openRunFolder();
  down.add(() => clear(folder, choice));
  const began = Date.now();
  const say = (line: string) => display.say(line, /^ *!/.test(line) ? 'yellow' : undefined);
  const rig = await setUp(choice, stepsOn(display), { folder, down, say });
  const setUpMs = Date.now() - began;
  try {
    return await Promise.race([deliver({ choice, rig, folder, display, down, setUpMs }), rig.lost]);
  } catch (error) {
    if (!down.begun && !(error instanceof Left)) lastWords(folder, display);
    throw error;
  }
}

type Stage = { choice: Choice; rig: Rig; folder: RunFolder; display: Display; down: BringDown; setUpMs: number };

async function deliver({ choice, rig, folder, display, down, setUpMs }: Stage): Promise<boolean> {
  const { id, request, way, approver, yes, keep } = choice;
  const { server, config, ownServer } = rig;
  const repository = choice.repository ?? folder.repository;
  if (!ownServer) down.add(() => endProject(rig, id)); // Nobody would serve it any more.
  const asked = { request, repository, pipeline: way.name, approvers: [approver] };
  await startProject(server, id, ProjectRequest.parse(asked));
  const link = workflowLink(server.uiUrl, server.namespace, id);
  display.say(`  ✓ project ${id}, into ${repository}\n    ${link}\n`);

  const began = Date.now();
  const settle = yes ? approveByItself(server, display, approver) : askPerson(server, display, approver);
  const followed = await follow(server, id, display, settle);
  const times = { setUpMs, deliveryMs: Date.now() - began };
  const delivered = await closing(followed, times, { config, folder: folder.path, display, way });
  if (keep) await lookAround({ ...server, link, id, repository }, delivered, { display, down });
  else display.say(`  ${link}${ownServer ? '\n  (it ends with the demo; --keep leaves everything up)' : ''}`);
  return delivered;
}

async function endProject({ server }: Rig, id: string): Promise<void> {
  const handle = server.client.workflow.getHandle(id);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') await handle.terminate('the demo was left');
}
