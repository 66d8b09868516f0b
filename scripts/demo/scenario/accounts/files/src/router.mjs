// Finds the handler of a request. Routes are declared by name: 'GET /users/:id'.
import { HttpError } from './errors.mjs';

export function createRouter(routes) {
  const table = routes
    .flatMap((group) => Object.entries(group))
    .map(([name, handler]) => {
      const [method, path] = name.split(' ');
      return { method, parts: path.split('/'), handler };
    });

  return function findRoute(method, url) {
    const parts = url.split('?', 1)[0].split('/');
    const matches = table.filter((route) => fits(route.parts, parts));
    if (matches.length === 0) throw new HttpError(404, 'not_found', 'there is nothing at this address');

    const found = matches.find((route) => route.method === method);
    if (found === undefined) {
      const allow = matches.map((route) => route.method).join(', ');
      throw new HttpError(405, 'method_not_allowed', `use ${allow} here`, { headers: { allow } });
    }
    return { handler: found.handler, params: parametersOf(found.parts, parts) };
  };
}

const isParameter = (part) => part.startsWith(':');

const fits = (pattern, parts) =>
  pattern.length === parts.length &&
  pattern.every((part, at) => (isParameter(part) ? parts[at] !== '' : part === parts[at]));

function parametersOf(pattern, parts) {
  const pairs = pattern.flatMap((part, at) => (isParameter(part) ? [[part.slice(1), decode(parts[at])]] : []));
  return Object.fromEntries(pairs);
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, 'invalid_address', 'the address is not encoded correctly');
  }
}
