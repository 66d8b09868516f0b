// The pages of docs/ that nobody writes by hand, by path.
import { artifactsPage } from './artifacts-page';
import { loadAgents, loadPipelines } from './definitions';
import { pipelinesPage } from './pipelines-page';

export const generatedPages = (): Record<string, string> => ({
  'docs/artifacts.md': artifactsPage(loadAgents()),
  'docs/pipelines.md': pipelinesPage(loadPipelines(), loadAgents()),
});
