// The same, for workers that have versions: what becomes of a run when a new version of this code comes. Without versions the server refuses the word.
import { setWorkflowOptions } from '@temporalio/workflow';
import { deliverMilestone, deliverProject } from './index';

// It ends on the code that it began on.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, deliverMilestone);
// It may take weeks, and an old version would never go: it goes on on the new one, which has to know where it is (`patched`).
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, deliverProject);

export * from './index';
