using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects;

/// <summary>
/// Who may reach the pods of a group besides the clients of its API. Neither llama.cpp's RPC nor the collectives of vLLM and SGLang know any
/// authentication: whoever reaches their ports owns the group. Pure.
/// </summary>
internal static class GroupPolicy
{
    /// <summary>
    /// llama.cpp: the workers, by their own leader. vLLM and SGLang: all pods of the group, by each other, on every port, for the engines choose
    /// ports as they like.
    /// </summary>
    public static V1NetworkPolicy Build(ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var llama = group.Serving is null;
        return new V1NetworkPolicy
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = ObjectIdentity.Of(deployment, ObjectName.GroupNetworkPolicy(deployment.Metadata.Name ?? "", group.Index), group.Index),
            Spec = new V1NetworkPolicySpec
            {
                PodSelector = Selecting(deployment, llama ? GroupLabels.WorkerRole : null, group.Index),
                PolicyTypes = ["Ingress"],
                Ingress =
                [
                    new V1NetworkPolicyIngressRule
                    {
                        From = [new V1NetworkPolicyPeer { PodSelector = Selecting(deployment, llama ? GroupLabels.LeaderRole : null, group.Index) }],
                        Ports = llama ? [Tcp(LlamaServerArguments.RpcPort), Tcp(SupervisorProgram.StatusPort)] : null,
                    },
                    StatusFromOperator(settings),
                ],
            },
        };
    }

    /// <summary>The operator asks the supervisors how their engines are.</summary>
    public static V1NetworkPolicyIngressRule StatusFromOperator(OperatorSettings settings) => new()
    {
        From =
        [
            new V1NetworkPolicyPeer
            {
                NamespaceSelector = Labelled("kubernetes.io/metadata.name", settings.LeaseNamespace),
                PodSelector = Labelled("app.kubernetes.io/name", GroupLabels.Manager),
            },
        ],
        Ports = [Tcp(SupervisorProgram.StatusPort)],
    };

    /// <summary>A TCP port.</summary>
    public static V1NetworkPolicyPort Tcp(int port) => new() { Protocol = "TCP", Port = port };

    private static V1LabelSelector Selecting(ModelDeployment deployment, string? role, int group) =>
        new() { MatchLabels = ObjectIdentity.Selector(deployment, role, group) };

    private static V1LabelSelector Labelled(string label, string value) =>
        new() { MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { [label] = value } };
}
