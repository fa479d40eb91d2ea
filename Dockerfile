# syntax=docker/dockerfile:1
# Builds with all packages, then runs with the production packages only, as an unprivileged user.
FROM node:20.20-bookworm-slim AS build
WORKDIR /lyceum
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY src ./src
COPY scripts ./scripts
COPY public ./public
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20-bookworm-slim AS run
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 HEALTH_PORT=3000 DATA_DIR=/var/lib/lyceum
WORKDIR /lyceum
RUN install -d -o node -g node -m 0700 /var/lib/lyceum
COPY --from=build --chown=root:root /lyceum/node_modules ./node_modules
COPY --from=build --chown=root:root /lyceum/dist/src ./dist/src
COPY --from=build --chown=root:root /lyceum/dist/public ./dist/public
COPY --from=build --chown=root:root /lyceum/dist/assets ./dist/assets
COPY --from=build --chown=root:root /lyceum/dist/scripts/add-admin.js /lyceum/dist/scripts/store.js ./dist/scripts/
COPY package.json ./
COPY views ./views
COPY public ./public
USER node
EXPOSE 3000
VOLUME /var/lib/lyceum
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(response => process.exit(response.ok ? 0 : 1), () => process.exit(1))"]
# Node runs as process 1 and handles SIGTERM itself, so no init process is needed.
CMD ["node", "dist/src/server.js"]
