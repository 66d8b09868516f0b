// Reads the JSON object that a request carries, never more than the limit into memory.
import { HttpError } from './errors.mjs';

const BODY_LIMIT_BYTES = 16 * 1024;
// A little more is read and thrown away, so that an honest client still gets to see the answer; then the line is cut.
const DISCARD_LIMIT_BYTES = 1024 * 1024;

export async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
    if (bytes > DISCARD_LIMIT_BYTES) break;
  }
  if (bytes > BODY_LIMIT_BYTES) {
    throw new HttpError(413, 'too_large', `a body may have ${BODY_LIMIT_BYTES} bytes at most`);
  }
  return parseObject(Buffer.concat(chunks).toString('utf8'));
}

function parseObject(text) {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid();
  return value;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid();
  }
}

const invalid = () => new HttpError(400, 'invalid_json', 'the body must be a JSON object');
