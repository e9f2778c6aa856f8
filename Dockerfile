# The dashboard: static files, the same for every architecture.
FROM --platform=$BUILDPLATFORM node:22-slim AS dashboard
WORKDIR /source
COPY src/Dashboard/package.json src/Dashboard/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY src/Dashboard .
RUN npm run build

# Build: the SDK publishes a self-contained single file for this image's architecture.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source
COPY . .
COPY --from=dashboard /source/dist src/Dashboard/dist
RUN dotnet publish src/Collector -c Release -o /app \
    -r linux-$([ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64) --self-contained \
    -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:DashboardBuild=false \
 && mkdir /data

# Run: native libraries only, no shell, no package manager, not root.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
COPY --from=build /app /app
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
USER $APP_UID
# The root file system may be read-only (docker run --read-only): everything that is written goes to the volume.
VOLUME /data
WORKDIR /data
ENV COLLECTOR_Listen__Grpc=0.0.0.0:4317 \
    COLLECTOR_Listen__Http=0.0.0.0:4318 \
    COLLECTOR_Listen__Web=0.0.0.0:4380 \
    COLLECTOR_Storage__Path=/data \
    COLLECTOR_Spool__Path=/data/spool \
    DOTNET_EnableDiagnostics=0
EXPOSE 4317 4318 4380
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/app/Collector", "healthcheck"]
ENTRYPOINT ["/app/Collector"]
