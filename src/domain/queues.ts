// One task queue per kind of machine. A worker serves any subset of them.
export const queues = {
  workflows: 'millwright',
  agents: 'millwright-agents',
  sandbox: 'millwright-sandbox',
  gate: 'millwright-gate',
} as const;

export type QueueKind = keyof typeof queues;
