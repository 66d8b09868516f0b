// The HTTP server: the guards, then the route. Every answer is JSON, and every failure has the same shape.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { HttpError } from './errors.mjs';
import { createPasswords } from './passwords.mjs';
import { loadFolder } from './registry.mjs';
import { createRouter } from './router.mjs';
import { createUsers } from './users.mjs';

/** Starts the API; port 0 takes any free one. The clock and the cost of a password are parameters for the tests. */
export async function startServer({ host = '127.0.0.1', port = 0, env = {}, now = Date.now, passwordCost } = {}) {
  const context = { env, now, users: createUsers(), passwords: createPasswords(passwordCost) };
  const guards = await loadFolder('guards', context);
  const findRoute = createRouter(await loadFolder('routes', context));

  const handle = async (request, response) => {
    for (const guard of guards) guard(request, response);
    const { handler, params } = findRoute(request.method, request.url);
    return handler({ request, params });
  };

  const server = createServer(async (request, response) => {
    send(response, await handle(request, response).catch(failure));
  });
  server.listen(port, host);
  await once(server, 'listening');

  return {
    url: `http://${host}:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function send(response, { status, headers = {}, body }) {
  const content = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, { ...type, ...headers });
  response.end(content);
}

function failure(error) {
  if (error instanceof HttpError) return error.toAnswer();
  // What went wrong inside is for the log, not for the caller.
  console.error(error);
  return new HttpError(500, 'internal', 'something went wrong on our side').toAnswer();
}
