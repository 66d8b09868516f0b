// What the script answers when the person who approves asks for changes: it cannot follow the words, so it writes them down.
import type { Artifact } from '../../../src/domain/artifacts';
import type { ScriptedCall } from '../../scripted-model/server';

/** The change for words that came back from an approval, whatever that stage is called; undefined where none did. */
export function changeAskedFor({ milestone, iteration }: ScriptedCall, prompt: string): Artifact<'Change'> | undefined {
  const asked = / title="feedback from [^"]+">\n(changes-requested by [\s\S]*?)\n<\/data-/g;
  const words = [...prompt.matchAll(asked)].at(-1)?.[1];
  if (words === undefined) return undefined;
  const quoted = words.split('\n').map((line) => `> ${line}`.trimEnd());
  return {
    summary: 'Wrote down what was asked for: a script cannot do it.',
    confidence: 0.8,
    files: [
      {
        path: `docs/asked-for/${milestone}.md`,
        content: `# Asked for at the approval, in round ${iteration}\n\n${quoted.join('\n')}\n`,
      },
    ],
    edits: [],
    deletions: [],
    dependencies_added: [],
    explanation:
      'This is a scripted model: what it writes was fixed beforehand, and it can follow nobody’s words. So the words themselves are the change: they came all the way from the person to the implementer, and stand in a file. A real model would have acted on them.',
    changelog: 'What was asked for at the approval is written down.',
    revision_number: iteration - 1,
  };
}
