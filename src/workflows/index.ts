// What the workers of the queue `millwright` run.
export { deliverMilestone } from './deliver-milestone';
export { deliverProject } from './deliver-project';
export { tidyUp } from './tidy-up';
