# One image for the paper exchange, the worker and the HTTP facade; docker-compose.yml chooses the program.
FROM node:20-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

# Before the sources, so that a change of code does not install everything again.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY tsconfig.json tsconfig.base.json ./
COPY src ./src
COPY workflows ./workflows
COPY activities ./activities
COPY worker ./worker
COPY docker ./docker

# The ledger of the paper exchange is the only state that lives in a container's volume.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node

# The worker; the other programs are named in docker-compose.yml.
CMD ["node", "--max-semi-space-size=64", "--heap-growing-percent=50", "--import", "tsx", "worker/main.ts"]
