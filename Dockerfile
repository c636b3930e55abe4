# One image per process: docker build --target mailhost|api|web|migrations .
# Any image with the .NET 10 SDK (or the ASP.NET Core runtime) can stand in for the two below.
ARG SDK_IMAGE=ubuntu:26.04
ARG RUNTIME_IMAGE=ubuntu:26.04

FROM ${SDK_IMAGE} AS build
RUN command -v dotnet || { apt-get update && apt-get install -y --no-install-recommends dotnet-sdk-10.0 ca-certificates && rm -rf /var/lib/apt/lists/*; }
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY Domain/*.csproj Domain/packages.lock.json Domain/
COPY Client/*.csproj Client/packages.lock.json Client/
COPY Migrations/*.csproj Migrations/packages.lock.json Migrations/
COPY MailHost/*.csproj MailHost/packages.lock.json MailHost/
COPY Api/*.csproj Api/packages.lock.json Api/
COPY Web/*.csproj Web/packages.lock.json Web/
RUN for project in Migrations MailHost Api Web; do dotnet restore $project --locked-mode || exit 1; done
COPY Domain Domain
COPY Client Client
COPY Migrations Migrations
COPY MailHost MailHost
COPY Api Api
COPY Web Web
RUN for project in Migrations MailHost Api Web; do \
        dotnet publish $project -c Release --no-restore -o /app/$project -p:UseAppHost=false || exit 1; done

FROM ${RUNTIME_IMAGE} AS base
RUN command -v dotnet || { apt-get update && apt-get install -y --no-install-recommends aspnetcore-runtime-10.0 ca-certificates tzdata && rm -rf /var/lib/apt/lists/*; }
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin postyard && mkdir -p /data && chown postyard /data
COPY deploy/health.sh /usr/local/bin/health
ENV Data__Path=/data Listen__Address=any DOTNET_gcServer=0
VOLUME /data
USER postyard

FROM base AS migrations
WORKDIR /app
COPY --from=build /app/Migrations .
ENTRYPOINT ["dotnet", "SaaS.Migrations.dll"]

FROM base AS mailhost
WORKDIR /app
COPY --from=build /app/MailHost .
EXPOSE 2525 2587 2465 2424 2143 2993 2110 2995 24190 8082
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["health", "8082"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "SaaS.MailHost.dll"]

FROM base AS api
WORKDIR /app
COPY --from=build /app/Api .
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["health", "8081"]
ENTRYPOINT ["dotnet", "SaaS.Api.dll"]

FROM base AS web
WORKDIR /app
COPY --from=build /app/Web .
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["health", "8080"]
ENTRYPOINT ["dotnet", "SaaS.Web.dll"]
