// The settings of a Temporal server on PostgreSQL whose four services live in one process, on this machine alone.
import { LOOPBACK } from './ports';

type Service = { grpc: number; membership: number };
export type Ports = { frontend: Service; history: Service; matching: Service; worker: Service };

export function serverConfig(
  ports: Ports,
  database: { port: number; user: string; password: string },
  dynamic: string,
) {
  return {
    log: { stdout: true, level: 'warn', format: 'json' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4, // fixed for the life of the database
      datastores: { default: store('temporal', database, 20), visibility: store('temporal_visibility', database, 5) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK } },
    services: Object.fromEntries(Object.entries(ports).map(([name, service]) => [name, { rpc: rpc(service) }])),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          ...{ enabled: true, initialFailoverVersion: 1, rpcName: 'frontend' },
          rpcAddress: `${LOOPBACK}:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamic, pollInterval: '10s' },
  };
}

const store = (
  databaseName: string,
  { port, user, password }: { port: number; user: string; password: string },
  connections: number,
) => ({
  sql: {
    pluginName: 'postgres12_pgx',
    ...{ databaseName, connectAddr: `${LOOPBACK}:${port}`, connectProtocol: 'tcp', user, password },
    ...{ maxConns: connections, maxIdleConns: connections, maxConnLifetime: '1h' },
  },
});

const rpc = ({ grpc, membership }: Service) => ({ grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true });
