using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Startup;

namespace GpuStack.Operator.Objects;

/// <summary>The objects that a deployment has once, whatever its groups. Pure.</summary>
internal static class DeploymentObjects
{
    private const string ApiServicePort = "http";

    /// <summary>Service, network policy, disruption budget and the shared claim, as the spec asks for them; a ServiceMonitor where the cluster has them; the installation's authorities.</summary>
    public static IReadOnlyList<IKubernetesObject> Build(ModelDeployment deployment, OperatorSettings settings)
    {
        var objects = new List<IKubernetesObject> { Service(deployment) };
        if (deployment.Spec.Access.NetworkPolicy == FeatureState.Enabled)
            objects.Add(LeadersPolicy(deployment, settings));
        objects.Add(DisruptionBudget(deployment));
        if (settings.ServiceMonitors)
            objects.Add(Monitor(deployment));
        if (TrustVolume.Map(deployment, settings) is { } authorities)
            objects.Add(authorities);
        if (deployment.Spec.Cache.PersistentVolumeClaim is { Size: { } size, Sharing: ClaimSharing.Shared } claim)
            objects.Add(CacheClaim(deployment, claim, size));
        return objects;
    }

    private static V1Service Service(ModelDeployment deployment)
    {
        var access = deployment.Spec.Access.Service;
        var metadata = ObjectIdentity.Of(deployment, ObjectName.Service(deployment.Metadata.Name ?? ""));
        foreach (var (label, value) in ObjectIdentity.ApiServiceSelector(deployment))
            metadata.Labels![label] = value;
        if (access.Annotations is { Count: > 0 } annotations)
            metadata.Annotations = new Dictionary<string, string>(annotations, StringComparer.Ordinal);
        return new V1Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = metadata,
            Spec = new V1ServiceSpec
            {
                Type = access.Type.ToString(),
                Selector = ObjectIdentity.Selector(deployment, GroupLabels.LeaderRole),
                Ports = [new V1ServicePort { Name = ApiServicePort, Port = access.Port, TargetPort = LeaderPod.ApiPortName, Protocol = "TCP" }],
            },
        };
    }

    /// <summary>Leaders answer the API from anywhere, and tell the operator how they are.</summary>
    private static V1NetworkPolicy LeadersPolicy(ModelDeployment deployment, OperatorSettings settings) => new()
    {
        ApiVersion = "networking.k8s.io/v1",
        Kind = "NetworkPolicy",
        Metadata = ObjectIdentity.Of(deployment, ObjectName.NetworkPolicy(deployment.Metadata.Name ?? "")),
        Spec = new V1NetworkPolicySpec
        {
            PodSelector = new V1LabelSelector { MatchLabels = ObjectIdentity.Selector(deployment, GroupLabels.LeaderRole) },
            PolicyTypes = ["Ingress"],
            Ingress = [new V1NetworkPolicyIngressRule { Ports = [GroupPolicy.Tcp(LeaderPod.ApiPort)] }, GroupPolicy.StatusFromOperator(settings)],
        },
    };

    /// <summary>One pod at a time may be evicted; a pod that is not Ready anyway may always be.</summary>
    private static V1PodDisruptionBudget DisruptionBudget(ModelDeployment deployment) => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = ObjectIdentity.Of(deployment, ObjectName.DisruptionBudget(deployment.Metadata.Name ?? "")),
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = 1,
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
            Selector = new V1LabelSelector { MatchLabels = ObjectIdentity.Selector(deployment) },
        },
    };

    /// <summary>Every engine has /metrics beside its API; llama-server's wants the API key.</summary>
    private static V1ServiceMonitor Monitor(ModelDeployment deployment) => new()
    {
        ApiVersion = "monitoring.coreos.com/v1",
        Kind = "ServiceMonitor",
        Metadata = ObjectIdentity.Of(deployment, ObjectName.ServiceMonitor(deployment.Metadata.Name ?? "")),
        Spec = new V1ServiceMonitorSpec
        {
            Selector = new V1LabelSelector { MatchLabels = ObjectIdentity.ApiServiceSelector(deployment) },
            Endpoints =
            [
                new V1ServiceMonitorEndpoint
                {
                    Port = ApiServicePort,
                    Path = "/metrics",
                    Authorization = deployment.Spec.Access.ApiKeySecretRef is { } key
                        ? new V1ServiceMonitorAuthorization { Credentials = new V1SecretKeySelector { Name = key.Name, Key = key.Key } }
                        : null,
                },
            ],
        },
    };

    private static V1PersistentVolumeClaim CacheClaim(ModelDeployment deployment, ClaimCache claim, Quantity size)
    {
        var metadata = ObjectIdentity.Of(deployment, ObjectName.CacheClaim(deployment.Metadata.Name ?? ""));
        // A claim without an owner outlives the deployment.
        if (deployment.Spec.Cache.RetentionPolicy == RetentionPolicy.Retain)
            metadata.OwnerReferences = null;
        return new V1PersistentVolumeClaim
        {
            ApiVersion = "v1",
            Kind = "PersistentVolumeClaim",
            Metadata = metadata,
            Spec = ModelVolume.ClaimSpec(claim, size),
        };
    }
}
