// Starts the API with the settings of the environment, and stops it when asked to.
import { startServer } from './server.mjs';

const { env } = process;
const { url, close } = await startServer({ host: env.HOST, port: Number(env.PORT ?? 3000), env });
console.log(`Listening on ${url}`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, close);
