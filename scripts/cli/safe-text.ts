// What a model, a repository or another person wrote, made fit for a terminal: text and nothing that acts on it.

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

/** JSON for a program, which a terminal may show all the same: what could act on it is spelled out. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/(?!\n)\p{Cc}|[\p{Cf}\u2028\u2029]/gu, spelledOut);
}

const spelledOut = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
