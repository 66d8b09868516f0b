// Who is asking: the user whose token a request carries.
import { HttpError } from './errors.mjs';

/** The user, or a refusal with 401: protected routes begin with this call. */
export function authenticate(request, { tokens, users }) {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const userId = token === undefined ? undefined : tokens.verify(token);
  const user = userId === undefined ? undefined : users.findById(userId);
  if (user === undefined) {
    const headers = { 'www-authenticate': 'Bearer' };
    throw new HttpError(401, 'unauthorized', 'log in and send the token', { headers });
  }
  return user;
}
