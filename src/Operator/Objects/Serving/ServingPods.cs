using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Objects.Serving;

/// <summary>The pods of vLLM and SGLang: the leader with rank 0 and the API, the workers with the further ranks, a dedicated Ray head. Pure.</summary>
internal static class ServingPods
{
    /// <summary>The variable that brings SGLang's API key into the pod; the supervisor hands it on.</summary>
    public const string SglangKeyVariable = "SGLANG_API_KEY";

    /// <summary>A name that no user's variable has by chance: two ranks of one number never find each other.</summary>
    private const string IndexVariable = "GPUSTACK_POD_INDEX";

    /// <summary>CPU and host memory of a dedicated Ray head, which only knows who is there.</summary>
    private static readonly (long CpuMillis, Quantity Memory) HeadResources = (500, "2Gi");

    public static void FillLeader(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var members = new GroupMembers(deployment, group);
        var container = EngineContainer.Create(deployment, group, group.Plan.Leader, settings);
        container.Ports = [new V1ContainerPort { Name = LeaderPod.ApiPortName, ContainerPort = LeaderPod.ApiPort, Protocol = "TCP" }];
        if (members.AreSeveral && deployment.Spec.Network.HostNetwork && HostPorts.MeetingPoint(deployment.Spec.Engine, group.Engine) is { } meeting)
            container.Ports.Add(Meeting(meeting));
        container.Env = EngineContainer.Environment(deployment, group, [.. Variables(deployment), .. Key(deployment, group)]);
        var command = group.Engine == EngineType.VLLM
            ? VllmArguments.Leader(deployment, group, members)
            : SglangArguments.Of(deployment, group, members, "0");
        // The whole prompt counts as a batch: an engine that reads it at once decodes nothing meanwhile.
        SupervisorProgram.Wrap(
            container, deployment, ["--engine", group.Engine.ToString(), "--role", "Leader", .. members.Options(members.Leader), .. SupervisorProgram.BatchTime(group.Plan, group.Serving!.ContextLength.Value)], command);
        EngineContainer.Place(pod, container, deployment, settings);
        EngineContainer.AddModel(pod, container, deployment, group, settings);
    }

    public static void FillWorker(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, PlannedNode node, OperatorSettings settings)
    {
        var members = new GroupMembers(deployment, group);
        var container = EngineContainer.Create(deployment, group, node, settings);
        container.Env = EngineContainer.Environment(deployment, group, [.. Variables(deployment), .. Key(deployment, group), PodIndex()]);
        var command = group.Engine == EngineType.VLLM
            ? VllmArguments.Worker(deployment, group, members)
            : SglangArguments.Of(deployment, group, members, "{rank}");
        SupervisorProgram.Wrap(
            container,
            deployment,
            ["--engine", group.Engine.ToString(), "--role", "Member", .. members.Options(host: null), "--pod-index", $"$({IndexVariable})", "--rank-offset", "1"],
            command);
        EngineContainer.Place(pod, container, deployment, settings);
        EngineContainer.AddModel(pod, container, deployment, group, settings);
    }

    /// <summary>Only <c>ray start --head</c>, on any node: the process that drives the engine needs a GPU, this one must have none.</summary>
    public static void FillHead(V1PodSpec pod, ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var members = new GroupMembers(deployment, group);
        var container = EngineContainer.Create(deployment, group with { RdmaResource = null }, group.Plan.Leader, settings);
        container.Resources = SupervisorProgram.InitResources(HeadResources.CpuMillis, HeadResources.Memory);
        container.Env = EngineContainer.Environment(
            deployment, group, [.. Variables(deployment), new V1EnvVar { Name = "NVIDIA_VISIBLE_DEVICES", Value = "void" }]);
        if (deployment.Spec.Network.HostNetwork)
            container.Ports = [Meeting(VllmArguments.RayPort)];
        SupervisorProgram.Wrap(
            container,
            deployment,
            ["--engine", group.Engine.ToString(), "--role", "Head", "--engine-port", VllmArguments.RayPort.ToString(CultureInfo.InvariantCulture), .. members.Options(members.Head)],
            VllmArguments.Head());
        EngineContainer.Place(pod, container, deployment, settings);
    }

    /// <summary>Caches that the engines and what they are made of would write to a home that images have for root alone.</summary>
    private static IEnumerable<V1EnvVar> Variables(ModelDeployment deployment)
    {
        yield return new V1EnvVar { Name = "VLLM_HOST_IP", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "status.podIP" } } };
        foreach (var (name, folder) in new[]
        {
            ("VLLM_CACHE_ROOT", "vllm"), ("TRITON_CACHE_DIR", "triton"), ("TORCHINDUCTOR_CACHE_DIR", "inductor"),
            ("FLASHINFER_WORKSPACE_BASE", "flashinfer"), ("NUMBA_CACHE_DIR", "numba"),
        })
        {
            yield return new V1EnvVar { Name = name, Value = $"{EngineContainer.HomePath}/.cache/{folder}" };
        }
        // The model is there; what is not must fail at once, and not wait for a hub.
        if (!Inspection.ModelSource.IsVolume(deployment.Spec.Model))
            yield return new V1EnvVar { Name = "HF_HUB_OFFLINE", Value = "1" };
    }

    private static IEnumerable<V1EnvVar> Key(ModelDeployment deployment, PlannedGroup group) => deployment.Spec.Access.ApiKeySecretRef is { } key
        ? [EngineContainer.FromSecret(group.Engine == EngineType.VLLM ? "VLLM_API_KEY" : SglangKeyVariable, key.Name, key.Key)]
        : [];

    /// <summary>On the network of the node the scheduler must know that the port is taken.</summary>
    private static V1ContainerPort Meeting(int port) => new() { Name = "meeting", ContainerPort = port, Protocol = "TCP" };

    private static V1EnvVar PodIndex() => new()
    {
        Name = IndexVariable,
        ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.labels['apps.kubernetes.io/pod-index']" } },
    };
}
