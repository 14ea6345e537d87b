namespace GpuStack.Kubernetes.Models;

/// <summary>Who may talk to which pods.</summary>
[KubernetesEntity(Group = "networking.k8s.io", ApiVersion = "v1", Kind = "NetworkPolicy", PluralName = "networkpolicies")]
public sealed class V1NetworkPolicy : KubernetesObject
{
    public V1NetworkPolicySpec? Spec { get; set; }
}

public sealed class V1NetworkPolicySpec
{
    public V1LabelSelector? PodSelector { get; set; }

    public List<V1NetworkPolicyIngressRule>? Ingress { get; set; }

    public List<V1NetworkPolicyEgressRule>? Egress { get; set; }

    public List<string>? PolicyTypes { get; set; }
}

public sealed class V1NetworkPolicyIngressRule
{
    public List<V1NetworkPolicyPort>? Ports { get; set; }

    /// <summary>Anyone when null or empty.</summary>
    public List<V1NetworkPolicyPeer>? From { get; set; }
}

public sealed class V1NetworkPolicyEgressRule
{
    public List<V1NetworkPolicyPort>? Ports { get; set; }

    public List<V1NetworkPolicyPeer>? To { get; set; }
}

public sealed class V1NetworkPolicyPort
{
    public string? Protocol { get; set; }

    public IntOrString? Port { get; set; }

    public int? EndPort { get; set; }
}

public sealed class V1NetworkPolicyPeer
{
    public V1LabelSelector? PodSelector { get; set; }

    public V1LabelSelector? NamespaceSelector { get; set; }

    public V1IPBlock? IpBlock { get; set; }
}

public sealed class V1IPBlock
{
    public string? Cidr { get; set; }

    public List<string>? Except { get; set; }
}
