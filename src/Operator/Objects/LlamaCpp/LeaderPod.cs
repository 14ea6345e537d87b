using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.LlamaCpp;

/// <summary>
/// The leader: <c>llama-server</c>, which fetches the model itself (decision 0003), after an init container has seen every worker answer.
/// Pure.
/// </summary>
internal static class LeaderPod
{
    public const int ApiPort = 8000;

    public const string ApiPortName = "api";

    private const int ProbePeriodSeconds = 10;

    /// <summary>How slow a download may be before the startup probe gives up, in bytes per second.</summary>
    private const long SlowestDownload = 10 << 20;

    /// <summary>
    /// Connects to each worker once, before the leader's own connection: a worker that serves nobody yet is not harmed by it. The message of
    /// the failure names the worker.
    /// </summary>
    private const string WaitScript = """
        deadline=$((SECONDS + $1)); shift
        for worker in "$@"; do
          until (exec 3<>"/dev/tcp/${worker%:*}/${worker##*:}") 2>/dev/null; do
            if ((SECONDS >= deadline)); then echo "RPC worker $worker does not answer"; exit 1; fi
            sleep 2
          done
        done
        """;

    public static void Fill(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var endpoints = GroupObjects.RpcEndpoints(deployment, group);
        var container = EngineContainer.Create(deployment, group.Plan.Leader, settings);
        container.Command = [LlamaServerArguments.ServerProgram];
        container.Args = [.. LlamaServerArguments.Leader(Launch(deployment, group, settings, endpoints)), .. deployment.Spec.Engine.Args ?? []];
        container.Ports = [new V1ContainerPort { Name = ApiPortName, ContainerPort = ApiPort, Protocol = "TCP" }];
        container.Env = EngineContainer.Environment(deployment, group, Variables(deployment, group));
        container.StartupProbe = Health(StartupFailures(deployment, group), ProbePeriodSeconds);
        container.ReadinessProbe = Health(failures: 3, periodSeconds: 5);
        pod.Volumes = EngineContainer.Volumes(deployment, settings);
        container.VolumeMounts!.Add(ModelVolume.CacheMount());
        if (ModelVolume.Cache(deployment) is { } cache)
            pod.Volumes.Add(cache);
        if (ModelVolume.Source(deployment.Spec.Model) is { } source)
        {
            pod.Volumes.Add(source);
            container.VolumeMounts.Add(ModelVolume.SourceMount());
        }
        if (!endpoints.IsEmpty)
            pod.InitContainers = [WaitForWorkers(container, deployment, endpoints)];
        pod.Containers = [container];
    }

    private static LlamaServerLaunch Launch(
        ModelDeployment deployment, PlannedGroup group, OperatorSettings settings, ImmutableArray<string> endpoints) => new()
        {
            Options = group.Options,
            GpuLayers = group.Plan.GpuLayers,
            LayersPerDevice = group.Plan.LayersPerDevice,
            RpcEndpoints = endpoints,
            ModelArguments = ModelVolume.PathInSource(deployment.Spec.Model) is { } path
                ? ["-m", path]
                : ["--model-url", group.DownloadUrl],
            Alias = deployment.Spec.Model.ServedName ?? deployment.Metadata.Name ?? "",
            Port = ApiPort,
            CacheRamMebibytes = settings.PromptCache.Value >> 20,
        };

    private static IEnumerable<V1EnvVar> Variables(ModelDeployment deployment, PlannedGroup group)
    {
        // Models with equal file names must not meet in one cache.
        yield return new V1EnvVar { Name = "LLAMA_CACHE", Value = $"{ModelVolume.CachePath}/{group.SourceKey}" };
        if (deployment.Spec.Model.SecretRef is { } token)
            yield return FromSecret("HF_TOKEN", token.Name, token.Key);
        if (deployment.Spec.Access.ApiKeySecretRef is { } apiKey)
            yield return FromSecret("LLAMA_API_KEY", apiKey.Name, apiKey.Key);
    }

    private static V1EnvVar FromSecret(string variable, string secret, string key) => new()
    {
        Name = variable,
        ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = secret, Key = key } },
    };

    /// <summary>Answered with 503 while the model loads; needs no API key.</summary>
    private static V1Probe Health(int failures, int periodSeconds) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = "/health", Port = ApiPortName },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };

    /// <summary>The spec's timeout counts from the engine's start to Ready; the download, which the server does itself, comes on top.</summary>
    private static int StartupFailures(ModelDeployment deployment, PlannedGroup group)
    {
        var seconds = deployment.Spec.Engine.StartupTimeout.ToTimeSpan().TotalSeconds;
        if (group.DownloadUrl.Length > 0)
            seconds += group.Model.TotalWeightBytes.Value / SlowestDownload;
        return (int)Math.Min(Math.Ceiling(seconds / ProbePeriodSeconds), int.MaxValue);
    }

    private static V1Container WaitForWorkers(V1Container engine, ModelDeployment deployment, ImmutableArray<string> endpoints) => new()
    {
        Name = "wait-for-workers",
        Image = engine.Image,
        Command =
        [
            "/bin/bash", "-c", WaitScript, "wait-for-workers",
            $"{(long)deployment.Spec.Engine.StartupTimeout.ToTimeSpan().TotalSeconds}", .. endpoints,
        ],
        Resources = new V1ResourceRequirements
        {
            Requests = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["cpu"] = Quantity.FromMilli(10), ["memory"] = "32Mi" },
            Limits = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["memory"] = "32Mi" },
        },
        SecurityContext = PodTemplate.ContainerSecurity(),
        TerminationMessagePolicy = "FallbackToLogsOnError",
    };
}
