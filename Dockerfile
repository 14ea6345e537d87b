# syntax=docker/dockerfile:1
# docker build -t gpustack-operator .
# scripts/check-image.sh runs the steps of the first stage without a container engine, looks at what the second would hold, and lints this file.
# Releases replace the tags of both images by the digests that they have then.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS build
# amd64 or arm64: the program is published with native code for it.
ARG TARGETARCH=amd64
# What --version says; empty: what the project says.
ARG VERSION=
ARG REVISION=
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

# The CRD is embedded into GpuStack.Entities; the samples are what demo runs when it is given nothing.
COPY config/crd config/crd
COPY samples samples
COPY src src
# One file that needs no .NET where it runs: engine containers start it too, as their supervisor.
RUN dotnet publish src/Operator/Operator.csproj --configuration Release --no-restore --arch $TARGETARCH \
    ${VERSION:+-p:Version=$VERSION} ${REVISION:+-p:SourceRevisionId=$REVISION} -p:DebugType=none --output /app

FROM ${RUNTIME_IMAGE}
ARG VERSION=
ARG REVISION=
ARG CREATED=
LABEL org.opencontainers.image.title="gpustack-operator" \
      org.opencontainers.image.description="Places LLMs on the GPUs of a Kubernetes cluster and runs them there" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/gpustack/gpustack-operator" \
      org.opencontainers.image.documentation="https://github.com/gpustack/gpustack-operator/tree/main/docs/guides" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
WORKDIR /app
COPY --from=build /app .
COPY LICENSE .
# No ports below 1024, no writes outside /tmp. Kubernetes' own probes tell whether it is well; a HEALTHCHECK would start a second program.
USER 65532:65532
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8081 8443 9443
ENTRYPOINT ["./gpustack-operator"]
CMD ["run"]
