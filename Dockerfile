# One node of a council. Built in two steps: the first compiles, the second holds what runs and nothing else.
#
#   docker build -t conclave .
#
# Nothing secret is in the image or in its build: keys lie in the node's directory, passwords and API keys come as
# files under /run/secrets when it starts. It runs as a user without rights, on a root that may be read-only: all it
# writes is under /council (its directory) and /tmp.
FROM node:20-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run --silent build
# What only building needs goes; what stays was locked, and has no install scripts.
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM node:20-slim
ENV NODE_ENV=production NO_COLOR=1
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY agents ./agents
COPY prompts ./prompts
COPY --chmod=0555 deploy/with-secrets.sh /usr/local/bin/with-secrets
RUN mkdir /council && chown node:node /council
USER node
VOLUME /council
EXPOSE 7070
# Healthy while it runs and hears a quorum. A node without one heals by itself: do not restart it for that.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7070/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["with-secrets", "node", "/app/dist/cli/main.js"]
CMD ["--help"]
