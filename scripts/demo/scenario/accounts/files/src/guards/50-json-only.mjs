// A body must be declared as JSON. A browser's form cannot do that, so no other site can send one in a user's name.
import { HttpError } from '../errors.mjs';

export default () =>
  function jsonOnly({ headers }) {
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    const isJson = /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
    if (hasBody && !isJson) throw new HttpError(415, 'not_json', 'send the body as application/json');
  };
