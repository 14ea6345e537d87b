using GpuStack.Kubernetes.Controllers.Children;

namespace GpuStack.Operator.Objects;

/// <summary>
/// Names of child objects. A name over its limit is cut, and long names stay apart.
/// </summary>
internal static class ObjectName
{
    /// <summary>
    /// StatefulSet names: the pod label <c>controller-revision-hash</c> holds the name, a dash and ten characters, in the 63 of a label value.
    /// </summary>
    public const int StatefulSetLimit = 52;

    /// <summary>DNS labels: Services.</summary>
    public const int ServiceLimit = ChildName.LabelLimit;

    /// <summary>DNS subdomains: ConfigMaps, policies, claims.</summary>
    public const int ObjectLimit = ChildName.SubdomainLimit;

    public static string Leader(string deployment, int group) => ChildName.Cut($"{deployment}-{group}", StatefulSetLimit);

    public static string Workers(string deployment, int group, int shape) => ChildName.Cut($"{deployment}-{group}-w{shape}", StatefulSetLimit);

    /// <summary>The headless Service that gives the group's pods their host names; named as the leader's StatefulSet.</summary>
    public static string Headless(string deployment, int group) => Leader(deployment, group);

    /// <summary>The Service of the API.</summary>
    public static string Service(string deployment) => ChildName.Cut(deployment, ServiceLimit);

    public static string Plan(string deployment, int group, string contentHash) => ChildName.Cut($"{deployment}-{group}-plan-{contentHash}", ObjectLimit);

    public static string NetworkPolicy(string deployment) => ChildName.Cut(deployment, ObjectLimit);

    /// <summary>The StatefulSet of a dedicated Ray head.</summary>
    public static string Head(string deployment, int group) => ChildName.Cut($"{deployment}-{group}-h", StatefulSetLimit);

    /// <summary>The policy of a group's pods among each other.</summary>
    public static string GroupNetworkPolicy(string deployment, int group) => ChildName.Cut($"{deployment}-{group}", ObjectLimit);

    public static string ServiceMonitor(string deployment) => ChildName.Cut(deployment, ObjectLimit);

    public static string DisruptionBudget(string deployment) => ChildName.Cut(deployment, ObjectLimit);

    /// <summary>The ConfigMap of the authorities that the deployment's pods trust.</summary>
    public static string Authorities(string deployment) => ChildName.Cut($"{deployment}-ca", ObjectLimit);

    /// <summary>The claim that all pods share.</summary>
    public static string CacheClaim(string deployment) => ChildName.Cut($"{deployment}-cache", ObjectLimit);
}
