// One milestone on its way through a shipped pipeline, without Temporal and git: the engine, the definitions and the tests are real,
// the trees are in memory, and whoever approves does.
import type { Scenario, ScriptedAnswer, ScriptedCall } from '../../scripts/scripted-model/server';
import { handoffFrom } from '../../src/activities/entry';
import { createYamlDefinitions } from '../../src/adapters/yaml-definitions';
import { artifacts, type Artifact, type ArtifactKind } from '../../src/domain/artifacts';
import { deploymentFiles, type DeploymentPlan } from '../../src/domain/artifacts/deployment-plan';
import { isJoined, joins } from '../../src/domain/artifacts/join';
import type { Milestone } from '../../src/domain/artifacts/milestone-plan';
import type { TestReport } from '../../src/domain/artifacts/test-report';
import { agentOf, writesTree, type Definition } from '../../src/domain/definition';
import { begin, ending, ready, settle, skipUnneeded, start, type EngineState } from '../../src/domain/engine';
import { noHandoff, type Fact, type Handoff } from '../../src/domain/handoff';
import { partsIn, type Part } from '../../src/domain/parts';
import { stageKind, upstream, type Pipeline, type Stage } from '../../src/domain/pipeline';
import { userPrompt, type Material } from '../../src/domain/prompt';
import { readConfig } from '../../src/workers/config';
import { addTests, applyChange, changed, run, type Tree } from './tree';

const ROUNDS_LIMIT = 100;

export async function shipped(name: string): Promise<Pick<Definition, 'pipelines' | 'agents'>> {
  const { definitions: folders, environment } = readConfig({});
  const source = createYamlDefinitions({ folders, environment, sameFamilyReview: true });
  return (await source.resolve(name, 'project')).definition;
}

export type Walked = {
  tree: Tree;
  /** Which stages sent work back, and why. */
  sentBack: string[];
  /** What was asked of whom, in order: stage, part, round. */
  asked: string[];
};

type Told = { definition: Pick<Definition, 'pipelines' | 'agents'>; scenario: Scenario };

export async function walk(name: string, milestone: Milestone, base: Tree, told: Told): Promise<Walked> {
  const way = new Way(told.definition.pipelines[name]!, milestone, base, told);
  return way.walk();
}

class Way {
  #state: EngineState;
  readonly #artifacts = new Map<string, unknown>();
  readonly #works = new Map<string, Tree>();
  readonly #walked: Omit<Walked, 'tree'> = { sentBack: [], asked: [] };

  constructor(
    readonly pipeline: Pipeline,
    readonly milestone: Milestone,
    readonly base: Tree,
    readonly told: Told,
  ) {
    this.#state = begin(pipeline);
  }

  async walk(): Promise<Walked> {
    for (let round = 1; round <= ROUNDS_LIMIT; round++) {
      this.#state = skipUnneeded(this.pipeline, this.#state, {});
      const end = ending(this.#state);
      if (end !== undefined) {
        expect(end).toEqual({ how: 'complete' });
        return { ...this.#walked, tree: this.#candidate('merge') };
      }
      expect(this.#state.escalations).toEqual([]);
      for (const name of ready(this.pipeline, this.#state)) await this.#run(name);
    }
    throw new Error(`${this.pipeline.name} does not come to an end`);
  }

  async #run(name: string): Promise<void> {
    if (this.#state.stages[name]!.status !== 'waiting') return; // Sent back by the stage before it.
    this.#state = start(this.#state, name);
    const { iteration } = this.#state.stages[name]!;
    const stage = this.pipeline.stages[name]!;
    const handoff = await this.#perform(name, stage, iteration);
    const confidence = agentOf(this.told.definition.agents, stage)?.confidence ?? 0;
    const settled = settle(this.pipeline, this.#state, { stage: name, iteration, handoff, confidence });
    this.#state = settled;
    if (settled.stages[name]!.status !== 'done') this.#walked.sentBack.push(`${name} (${handoff.cause})`);
  }

  async #perform(name: string, stage: Stage, iteration: number): Promise<Handoff> {
    if (stageKind(stage) === 'agent') return this.#callAgents(name, stage, iteration);
    if (stage.check === 'tests') return this.#test(name, iteration);
    return noHandoff;
  }

  async #callAgents(name: string, stage: Stage, iteration: number): Promise<Handoff> {
    const { agents } = this.told.definition;
    const kind = agentOf(agents, stage)!.writes;
    const again = writesTree(agents, stage) && this.#works.has(name);
    const parts = stage.fanOut === undefined || again ? [] : partsIn(this.#fact(stage.fanOut));
    const artifact =
      parts.length < 2 || !isJoined(kind)
        ? await this.#ask(name, stage, iteration)
        : joins[kind]((await Promise.all(parts.map((part) => this.#ask(name, stage, iteration, part)))) as never);
    this.#artifacts.set(name, artifact);
    const handoff = handoffFrom({ ...place, stage: name, iteration }, kind, artifact);
    if (!writesTree(agents, stage)) return handoff;
    const work = laid(kind, artifact, this.#works.get(name) ?? this.base);
    this.#works.set(name, work);
    const files = changed(this.base, work);
    const lines = files.reduce((sum, path) => sum + (work.get(path)?.split('\n').length ?? 0), 0);
    return { ...handoff, facts: { ...handoff.facts, files: files.length, lines } };
  }

  /** The answer as an artifact, whole and valid. */
  async #ask(name: string, stage: Stage, iteration: number, part?: Part): Promise<Artifact> {
    const { writes, role } = agentOf(this.told.definition.agents, stage)!;
    this.#walked.asked.push([name, ...(part === undefined ? [] : [part.name]), iteration].join(' '));
    const { feedback, work } = this.#state.stages[name]!;
    const asked = { nonce: 'x', again: work !== undefined };
    const content = userPrompt(this.#materials(name, stage, part), feedback, asked);
    const call: ScriptedCall = {
      ...{ project: 'demo', milestone: this.milestone.id, stage: name, agent: role, iteration, schema: writes },
      ...{ model: 'scripted', turn: 1, tools: [], attempt: 1, at: '2030-01-01T00:00:00.000Z' },
      ...{ key: '', messages: [{ role: 'user', content }], ...(part !== undefined && { part: part.name }) },
    };
    const answer: ScriptedAnswer = await this.told.scenario(call);
    const { json } = answer as { json: unknown };
    const artifact = artifacts[writes].parse(json);
    expect(json).toEqual(artifact);
    const own = part?.files;
    if (own !== undefined && writes !== 'Review')
      expect(pathsIn(artifact).filter((path) => !own.includes(path))).toEqual([]);
    return artifact;
  }

  /** What the stage reads, as far as a script could look at it. */
  #materials(name: string, stage: Stage, part?: Part): Material[] {
    const { reads } = agentOf(this.told.definition.agents, stage)!;
    const known: Record<string, () => string> = {
      milestone: () => JSON.stringify(this.milestone),
      repository: () => textOf(this.#works.get(name) ?? this.base),
      candidate: () => diff(this.base, this.#candidate(name), part?.files),
    };
    return reads.flatMap((title) => {
      const artifact = this.#artifacts.get(title);
      const done = this.#state.stages[title]?.status === 'done';
      if (known[title] !== undefined) return [{ title, content: known[title]() }];
      return artifact === undefined || !done ? [] : [{ title, content: JSON.stringify(artifact, null, 2) }];
    });
  }

  #candidate(before: string): Tree {
    const tree = new Map(this.base);
    for (const stage of [...upstream(this.pipeline, before)].reverse()) {
      const work = this.#works.get(stage);
      for (const path of work === undefined ? [] : changed(this.base, work)) tree.set(path, work!.get(path)!);
    }
    return tree;
  }

  async #test(name: string, iteration: number): Promise<Handoff> {
    const { passed, failed } = await run(this.#candidate(name));
    const bug_tasks = failed.map((test, at) => ({
      ...{ id: `bug-${iteration}-${at + 1}`, task: this.milestone.id, test, error: 'not as expected', repro_input: '' },
    }));
    const report: Pick<TestReport, 'passed' | 'bug_tasks'> = { passed: passed.length, bug_tasks };
    this.#artifacts.set(name, report);
    const green = failed.length === 0;
    return {
      ...{ ...noHandoff, summary: `${failed.length} failed`, facts: { green } },
      ...(!green && { status: 'rework', cause: 'failing', fingerprint: failed.join() }),
    };
  }

  #fact(path: string): Fact | undefined {
    const [stage, fact] = path.split('.') as [string, string];
    return this.#state.stages[stage]?.handoff?.facts[fact];
  }
}

const place = { project: 'demo', milestone: 'm', runId: 'r' };

function laid(kind: ArtifactKind, artifact: Artifact, on: Tree): Tree {
  if (kind === 'Change') return applyChange(on, artifact as Artifact<'Change'>);
  if (kind === 'TestSuite') return addTests(on, artifact as Artifact<'TestSuite'>);
  const files = deploymentFiles(artifact as DeploymentPlan);
  return new Map([...on, ...files.map(({ path, content }) => [path, content] as const)]);
}

function pathsIn(artifact: Artifact): string[] {
  const { files = [], edits = [] } = artifact as Partial<Artifact<'Change'>>;
  return [...files, ...edits].map(({ path }) => path);
}

const textOf = (tree: Tree): string =>
  [...tree].map(([path, content]) => `${path} (${content.length} bytes)\n--- ${path}\n${content}`).join('\n');

/** Of what changed the lines as they are now. */
function diff(base: Tree, candidate: Tree, only?: readonly string[]): string {
  const paths = changed(base, candidate).filter((path) => only?.includes(path) ?? true);
  return paths.map((path) => `+++ b/${path}\n${candidate.get(path)!.replace(/^/gm, '+')}`).join('\n');
}
