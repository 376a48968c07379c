# One image for all programs; the command chooses (`node dist/apps/worker/main.js` for the worker).
# Node is the one that package.json pins, and that every test ran on.
FROM node:24.21.0-trixie-slim AS build
WORKDIR /app
# Packages first: they change less often than the sources, and this layer is kept until they do.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24.21.0-trixie-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
# All that a program may write to, and only in sandbox mode: the code belongs to root.
RUN mkdir /data && chown node:node /data
# package.json is needed at run time: its `imports` say where #orders and the other rooms are.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
# Of the API, and of a worker with WORKER_PORT; a program that serves neither switches it off (`healthcheck: disable`).
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.WORKER_PORT || process.env.PORT || 3000) + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/apps/api/main.js"]
