// What a model, a repository or another person wrote, made fit for people to read: text and nothing that acts on what shows it.

// CSI sequences; OSC, DCS, SOS, PM and APC strings with their terminators; and what is left of other escapes.
const ESCAPES =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]?/g;

/** On one line: line breaks become spaces. */
export const oneLine = (text: string): string => manyLines(text).replace(/\s+/g, ' ').trim();

/** Line breaks stay; every other control, the marks that reorder or hide text, and broken characters go. */
export function manyLines(text: string): string {
  return text
    .replace(ESCAPES, '')
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, '\n')
    .replace(/\t/g, '  ')
    .replace(/(?!\n)\p{Cc}|\p{Cf}|\p{Variation_Selector}/gu, '')
    .replace(/[\p{Cs}\p{Co}]/gu, '\ufffd');
}

/** Every character stays, and what could act or hide is spelled out. */
export const spelledOut = (text: string): string =>
  text
    .replace(/\r\n/g, '\n')
    .replace(/(?![\n\t])\p{Cc}|[\p{Cf}\p{Variation_Selector}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/gu, escaped);

// What a person does not see and a model reads: instructions in tags, words between words, text that runs the other way.
const hidden =
  /[\u{e0000}-\u{e0fff}\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\u00ad\u115f\u1160\u3164\uffa0]|(?![\n\t\r\f])\p{Cc}/gu;

/** The same text, in which what nobody sees is named. */
export const hiddenNamed = (text: string): string =>
  text.replace(hidden, (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`);

/** JSON in which the same is spelled out, so that a program reads what was meant, and a terminal may show it. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/(?!\n)\p{Cc}|[\p{Cf}\u2028\u2029]/gu, escaped);

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
