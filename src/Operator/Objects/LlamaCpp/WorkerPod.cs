using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Objects.LlamaCpp;

/// <summary>A worker: <c>ggml-rpc-server</c> with all GPUs of the pod on one port. Pure.</summary>
internal static class WorkerPod
{
    public static void Fill(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, PlannedNode node, OperatorSettings settings)
    {
        var container = EngineContainer.Create(deployment, node, settings);
        container.Command = [LlamaServerArguments.WorkerProgram];
        container.Args = [.. LlamaServerArguments.Worker()];
        container.Ports = [new V1ContainerPort { Name = "rpc", ContainerPort = LlamaServerArguments.RpcPort, Protocol = "TCP" }];
        container.ReadinessProbe = Listening();
        pod.Volumes = EngineContainer.Volumes(deployment, settings);
        var environment = new List<V1EnvVar>();
        if (deployment.Spec.Engine.TensorCache == FeatureState.Enabled)
        {
            container.Args.Add("-c");
            container.VolumeMounts!.Add(ModelVolume.CacheMount());
            pod.Volumes.Add(TensorCache(deployment));
            environment.Add(new V1EnvVar { Name = "LLAMA_CACHE", Value = ModelVolume.CachePath });
        }
        container.Env = EngineContainer.Environment(deployment, group, environment);
        pod.Containers = [container];
    }

    /// <summary>
    /// Looks at the kernel's table of sockets for port 50052 (hexadecimal C384) in the state LISTEN (0A). It must not connect: a worker
    /// serves one client, and a probe that waits behind the leader later kills the worker.
    /// </summary>
    private static V1Probe Listening() => new()
    {
        Exec = new V1ExecAction { Command = ["grep", "-q", $":{LlamaServerArguments.RpcPort:X4} 00000000:0000 0A", "/proc/net/tcp"] },
        PeriodSeconds = 5,
        TimeoutSeconds = 5,
        FailureThreshold = 3,
    };

    /// <summary>Claims are the leader's; a worker's tensors are kept on its node.</summary>
    private static V1Volume TensorCache(ModelDeployment deployment) =>
        deployment.Spec.Cache.PersistentVolumeClaim is null && ModelVolume.Cache(deployment) is { } volume
            ? volume
            : new V1Volume { Name = ModelVolume.Name, EmptyDir = new V1EmptyDirVolumeSource() };
}
