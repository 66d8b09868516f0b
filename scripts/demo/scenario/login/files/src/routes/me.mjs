// The user's own account.
import { authenticate } from '../authentication.mjs';
import { presentUser } from '../users.mjs';

export default (context) => ({
  'GET /me': ({ request }) => ({ status: 200, body: presentUser(authenticate(request, context)) }),
});
