using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.LlamaCpp;

/// <summary>The leader: <c>llama-server</c> under a supervisor that waits for the workers and watches them. Pure.</summary>
internal static class LeaderPod
{
    /// <summary>The port of the API, of every engine.</summary>
    public const int ApiPort = 8000;

    /// <summary>The API port's name.</summary>
    public const string ApiPortName = "api";

    public static void Fill(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var endpoints = GroupObjects.RpcEndpoints(deployment, group);
        var container = EngineContainer.Create(deployment, group, group.Plan.Leader, settings);
        container.Ports = [new V1ContainerPort { Name = ApiPortName, ContainerPort = ApiPort, Protocol = "TCP" }];
        container.Env = EngineContainer.Environment(deployment, group, Variables(deployment));
        SupervisorProgram.Wrap(
            container,
            deployment,
            ["--role", "Leader", .. Workers(group, endpoints), .. SupervisorProgram.BatchTime(group.Plan, group.Options!.Batch)],
            [LlamaServerArguments.ServerProgram, .. LlamaServerArguments.Leader(Launch(deployment, group, settings, endpoints)), .. EngineContainer.UserArguments(deployment)]);
        EngineContainer.Place(pod, container, deployment, settings);
        EngineContainer.AddModel(pod, container, deployment, group, settings);
    }

    private static LlamaServerLaunch Launch(
        ModelDeployment deployment, PlannedGroup group, OperatorSettings settings, ImmutableArray<string> endpoints) => new()
        {
            Options = group.Options!,
            GpuLayers = group.Plan.GpuLayers,
            LayersPerDevice = group.Plan.LayersPerDevice,
            RpcEndpoints = endpoints,
            ModelPath = ModelFetch.Path(deployment, group),
            Alias = EngineContainer.ServedName(deployment),
            Port = ApiPort,
            CacheRamMebibytes = settings.PromptCache.Value >> 20,
        };

    /// <summary>
    /// Each worker with what its devices must have free: weights, cache and buffers, without the context of the GPU's process, which stands
    /// when the worker is asked.
    /// </summary>
    private static IEnumerable<string> Workers(PlannedGroup group, ImmutableArray<string> endpoints)
    {
        var device = 0;
        foreach (var (worker, endpoint) in group.Plan.Workers.Zip(endpoints))
        {
            var needs = group.Plan.Estimate.Devices.Skip(device).Take(worker.Gpus).Select(one => one.Weight.Value + one.KvCache.Value + one.Compute.Value).ToArray();
            device += worker.Gpus;
            yield return "--worker";
            yield return needs.Length == 0 ? endpoint : $"{endpoint}={string.Join(',', needs)}";
        }
    }

    private static IEnumerable<V1EnvVar> Variables(ModelDeployment deployment) =>
        deployment.Spec.Access.ApiKeySecretRef is { } apiKey ? [EngineContainer.FromSecret("LLAMA_API_KEY", apiKey.Name, apiKey.Key)] : [];
}
