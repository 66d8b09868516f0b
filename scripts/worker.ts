// npm run worker [-- --queues workflows,agents,sandbox,gate]: the workers of those queues against TEMPORAL_ADDRESS.
import { readConfig } from '../src/workers/config';
import { serve } from '../src/workers/serve';
serve(['workflows', 'agents', 'sandbox', 'gate'], readConfig(), (q) => console.log('ready', q.join(' '))).catch((e) => {
  console.error(e);
  process.exit(1);
});
