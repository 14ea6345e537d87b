# syntax=docker/dockerfile:1
# docker build -t gpustack-operator .
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# amd64 or arm64: the program is published with native code for it.
ARG TARGETARCH=amd64
WORKDIR /source

# Restore depends on the project files alone, so that it stays in the layer cache.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Entities/Entities.csproj src/Entities/
COPY src/Kubernetes/Kubernetes.csproj src/Kubernetes/
COPY src/Modeling/Modeling.csproj src/Modeling/
COPY src/Operator/Operator.csproj src/Operator/
COPY src/Placement/Placement.csproj src/Placement/
COPY src/Simulator/Simulator.csproj src/Simulator/
RUN dotnet restore src/Operator/Operator.csproj --arch $TARGETARCH

# The CRD is embedded into GpuStack.Entities; the samples are for builds that embed them too.
COPY config/crd config/crd
COPY samples samples
COPY src src
# One file that needs no .NET where it runs: engine containers start it too, as their supervisor.
RUN dotnet publish src/Operator/Operator.csproj --configuration Release --no-restore --arch $TARGETARCH \
    -p:DebugType=none --output /app

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# No ports below 1024, no writes outside /tmp.
USER 65532:65532
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8081
ENTRYPOINT ["./gpustack-operator"]
CMD ["run"]
