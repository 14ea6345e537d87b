using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Objects.LlamaCpp;

/// <summary>
/// A worker: <c>ggml-rpc-server</c> with all GPUs of the pod on one port, under a supervisor. Nothing but the leader ever connects to that
/// port: a worker serves one client, and a probe that waits behind the leader later kills the worker. Pure.
/// </summary>
internal static class WorkerPod
{
    public static void Fill(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, PlannedNode node, OperatorSettings settings)
    {
        var container = EngineContainer.Create(deployment, group, node, settings);
        container.Ports = [new V1ContainerPort { Name = "rpc", ContainerPort = LlamaServerArguments.RpcPort, Protocol = "TCP" }];
        EngineContainer.Place(pod, container, deployment, settings);
        var options = new List<string> { "--role", "Worker" };
        var environment = new List<V1EnvVar>();
        if (deployment.Spec.Engine.TensorCache == FeatureState.Enabled)
        {
            // The supervisor looks whether the folder can be written to: one that the kubelet makes on a host belongs to root.
            options.AddRange(["--tensor-cache", ModelVolume.CachePath]);
            container.VolumeMounts!.Add(ModelVolume.CacheMount());
            pod.Volumes!.Add(TensorCache(deployment));
            environment.Add(new V1EnvVar { Name = "LLAMA_CACHE", Value = ModelVolume.CachePath });
        }
        SupervisorProgram.Wrap(container, deployment, options, [LlamaServerArguments.WorkerProgram, .. LlamaServerArguments.Worker()]);
        container.Env = EngineContainer.Environment(deployment, group, environment);
    }

    /// <summary>Claims are the leader's; a worker's tensors are kept on its node.</summary>
    private static V1Volume TensorCache(ModelDeployment deployment) =>
        deployment.Spec.Cache.PersistentVolumeClaim is null && ModelVolume.Cache(deployment) is { } volume
            ? volume
            : new V1Volume { Name = ModelVolume.Name, EmptyDir = new V1EmptyDirVolumeSource() };
}
