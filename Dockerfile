# One image for every kind of worker; what it serves is said by `--queues`.
FROM node:22-bookworm-slim

RUN apt-get update \
 && apt-get install -y --no-install-recommends git openssh-client bubblewrap python3 python3-pip ca-certificates procps \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node /var/lib/millwright /var/cache/millwright /srv/git

WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY tsconfig.json models.yaml ./
COPY pipelines pipelines
COPY agents agents
COPY src src
COPY scripts scripts

USER node
# Not by npm: a signal must reach the worker itself.
ENTRYPOINT ["node", "-r", "tsx/cjs", "scripts/worker.ts"]
