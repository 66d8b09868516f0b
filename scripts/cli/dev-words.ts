// What `dev` says when everything is up: the addresses, and what to try next, with npm and with Temporal's own command line.
import type { DevServer } from './dev-server';

export function devWords({ address, namespace, uiUrl, temporal, dbFile }: DevServer, keyed: boolean): string {
  const inbox = `${uiUrl}/namespaces/${namespace}/workflows?query=${encodeURIComponent('MillwrightWaitingFor IS NOT NULL')}`;
  const usual = address === '127.0.0.1:7233';
  const others = usual ? '' : `TEMPORAL_ADDRESS=${address} `;
  const stock = `${temporal} ${usual ? '' : `--address ${address} `}workflow`;
  return `
Up, until Ctrl-C:
  server    ${address}, namespace ${namespace}${dbFile === undefined ? ' (yours, from TEMPORAL_ADDRESS)' : `\n  database  ${dbFile}`}
  UI        ${uiUrl}
  inbox     ${inbox}
  workers   workflows, agents, sandbox, gate${keyed ? '' : '\n  Without OPENAI_API_KEY no hosted model answers: runs will wait for `credentials`.'}

Next, in another terminal:
  ${others}npm run start -- --request "Add JWT login" --repository ../api --project demo
  ${others}npm run status -- demo --watch
  ${others}npm run approve -- demo --by <your name>

or with Temporal's own command line:
  ${stock} start --task-queue millwright --type deliverProject --workflow-id demo \\
    --input '{"request": "Add JWT login", "repository": "/path/to/api"}'
  ${stock} query --workflow-id demo --type status
  ${stock} list --query 'MillwrightWaitingFor="approval"'
  ${stock} signal --workflow-id demo --name approve --input '{"subject": "<sha>", "by": "<your name>"}'
`;
}
