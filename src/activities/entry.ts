// How a stage's result is left in the ledger, and found there again: its files, its handoff, one commit.
import type { Artifact, ArtifactKind } from '../domain/artifacts';
import { permanent } from '../domain/failures';
import { stopped, summarize, type Handoff } from '../domain/handoff';
import { judgeArtifact } from '../domain/judgement';
import { artifactMarkdown, inert, passageOf } from '../domain/markdown';
import { stageFolder, type EffectKey } from '../domain/names';
import { safeJson } from '../domain/plain-text';
import type { FileContent } from '../domain/artifacts/fields';
import { noUsage } from '../domain/usage';
import type { Attempt, Ledger } from './ports';

export type Entry = {
  key: EffectKey;
  repository: string;
  at: string;
  handoff: Handoff;
  files: readonly FileContent[];
  /** Source commits that the ledger makes reachable. */
  keeps?: readonly string[];
  /** A later one shuts it out. */
  attempt?: Attempt;
  turnsOf?: EffectKey;
  /** What the commit says after the stage and its round; by default what the handoff says. */
  says?: string;
};

/** Leaves it, or finds what was left before, and hands over what lies there: what cost money is not made twice. */
export async function leave(ledger: Ledger, entry: Entry): Promise<Handoff> {
  return storedHandoff(ledger, entry.repository, await append(ledger, entry), entry.key);
}

/**
 * Leaves what is known without the ledger: what tests showed, what a person said. Whoever may push to the repository can
 * put an entry under a key before its time comes; here it proves nothing.
 */
export async function attest(ledger: Ledger, entry: Entry): Promise<Handoff> {
  return locatedAt(await append(ledger, entry), entry.handoff);
}

function append(ledger: Ledger, { handoff, says, ...entry }: Entry): Promise<string> {
  const { key } = entry;
  const files = [...entry.files, { path: `${stageFolder(key)}/handoff.json`, content: json(handoff) }];
  const message = `${key.stage} ${key.iteration}: ${says ?? handoff.summary}`;
  const adds = [{ path: TRANSCRIPT, content: toldIn({ ...entry, handoff }) }];
  return ledger.append({ ...entry, files, adds, message });
}

/** One line after the other, what was handed over: the whole run, read from top to bottom. */
export const TRANSCRIPT = 'transcript.md';

const PASSAGE_LIMIT_CHARS = 20_000;

function toldIn({ key, at, handoff, files }: Omit<Entry, 'says'>): string {
  const part = key.part === undefined ? '' : ` (${key.part})`;
  const page = files.find(({ path }) => path.endsWith('.md') && !path.endsWith(TRANSCRIPT))?.content ?? '';
  const told = passageOf(page, PASSAGE_LIMIT_CHARS);
  return `\n## ${key.stage}, round ${key.iteration}${part}\n\n${at}, ${handoff.status}: ${inert(handoff.summary)}\n\n${told}`;
}

/** An artifact for programs and for people. */
export function artifactFiles(key: EffectKey, kind: ArtifactKind, artifact: Artifact, title: string): FileContent[] {
  const path = `${stageFolder(key)}/${kind}`;
  return [
    { path: `${path}.json`, content: json(artifact) },
    { path: `${path}.md`, content: artifactMarkdown(title, artifact) },
  ];
}

// They go through history, with each look at the run: a payload of it is kept under 256 kB.
const FACTS_LIMIT_BYTES = 128_000;

/** What an artifact means for the run, without what it cost and who wrote it. */
export function handoffFrom(key: EffectKey, kind: ArtifactKind, artifact: Artifact): Handoff {
  const { facts, why, ...verdict } = judgeArtifact(kind, artifact as never);
  const bytes = new TextEncoder().encode(JSON.stringify(facts)).length;
  if (bytes > FACTS_LIMIT_BYTES) {
    const much = `what the run has to know of it are ${bytes} bytes, and ${FACTS_LIMIT_BYTES} are allowed`;
    return stopped('blocked', 'too-large', `${much}: fewer and shorter names, parts and lists: ${artifact.summary}`);
  }
  return {
    ...verdict,
    confidence: artifact.confidence,
    artifact: { kind, commit: '', path: `${stageFolder(key)}/${kind}.json` },
    summary: summarize(why === undefined ? artifact.summary : `${why}: ${artifact.summary}`),
    facts,
    usage: noUsage,
  };
}

/** The handoff that an effect left, pointing at the commit that holds its artifact. */
export async function storedHandoff(
  ledger: Ledger,
  repository: string,
  commit: string,
  key: EffectKey,
): Promise<Handoff> {
  const path = `${stageFolder(key)}/handoff.json`;
  const handoff = JSON.parse(await ledger.read(repository, { commit, path })) as Handoff | undefined;
  if (handoff?.status === undefined) throw permanent('LedgerUnreadable', `${path} at ${commit} holds no handoff`);
  return locatedAt(commit, handoff);
}

const locatedAt = (commit: string, handoff: Handoff): Handoff => ({
  ...handoff,
  ...(handoff.artifact && { artifact: { ...handoff.artifact, commit } }),
});

export const json = (value: unknown): string => `${safeJson(value)}\n`;
