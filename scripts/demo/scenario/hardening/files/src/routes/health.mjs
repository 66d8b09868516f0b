// Whether the process is up: for load balancers, so it needs no token and tells nothing else.

export default ({ now }) => {
  const startedAt = now();
  return {
    'GET /health': () => ({
      status: 200,
      body: { status: 'ok', uptimeSeconds: Math.floor((now() - startedAt) / 1000) },
    }),
  };
};
