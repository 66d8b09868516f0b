// Every artifact by its kind. Adding one is adding a file and one entry here.
import type { z } from 'zod';
import { Architecture } from './architecture';
import { Change } from './change';
import { Decomposition } from './decomposition';
import { DeploymentPlan } from './deployment-plan';
import { Evaluation } from './evaluation';
import { FinalReport } from './final-report';
import { ImplementationPlan } from './implementation-plan';
import { MilestonePlan } from './milestone-plan';
import { MutantReport } from './mutant-report';
import { Review } from './review';
import { Specification } from './specification';
import { TaskPlan } from './task-plan';
import { TestAssessment } from './test-assessment';
import { TestReport } from './test-report';
import { TestSuite } from './test-suite';
import { Understanding } from './understanding';

export const artifacts = {
  Understanding,
  MilestonePlan,
  Specification,
  Architecture,
  ImplementationPlan,
  TaskPlan,
  Decomposition,
  Change,
  TestSuite,
  TestReport,
  MutantReport,
  TestAssessment,
  Review,
  Evaluation,
  DeploymentPlan,
  FinalReport,
};

export type ArtifactKind = keyof typeof artifacts;
export type Artifact<K extends ArtifactKind = ArtifactKind> = z.infer<(typeof artifacts)[K]>;
export const artifactKinds = Object.keys(artifacts) as ArtifactKind[];
