using System.Security.Cryptography;
using System.Text;

namespace GpuStack.Operator.Objects;

/// <summary>
/// Names of child objects. A name over its limit is cut and ends in eight hex digits of the whole name's SHA-256, so that two long names
/// stay apart and the same name is always cut the same way.
/// </summary>
internal static class ObjectName
{
    /// <summary>
    /// StatefulSet names: the pod label <c>controller-revision-hash</c> holds the name, a dash and ten characters, in the 63 of a label value.
    /// </summary>
    public const int StatefulSetLimit = 52;

    /// <summary>DNS labels: Services.</summary>
    public const int ServiceLimit = 63;

    /// <summary>DNS subdomains: ConfigMaps, policies, claims.</summary>
    public const int ObjectLimit = 253;

    private const int HashLength = 8;

    public static string Leader(string deployment, int group) => Cut($"{deployment}-{group}", StatefulSetLimit);

    public static string Workers(string deployment, int group, int shape) => Cut($"{deployment}-{group}-w{shape}", StatefulSetLimit);

    /// <summary>The headless Service that gives the group's pods their host names; named as the leader's StatefulSet.</summary>
    public static string Headless(string deployment, int group) => Leader(deployment, group);

    /// <summary>The Service of the API.</summary>
    public static string Service(string deployment) => Cut(deployment, ServiceLimit);

    public static string Plan(string deployment, int group, string contentHash) => Cut($"{deployment}-{group}-plan-{contentHash}", ObjectLimit);

    public static string NetworkPolicy(string deployment) => Cut(deployment, ObjectLimit);

    /// <summary>The policy of a group's workers, which admit their own leader alone.</summary>
    public static string WorkersNetworkPolicy(string deployment, int group) => Cut($"{deployment}-{group}-workers", ObjectLimit);

    public static string DisruptionBudget(string deployment) => Cut(deployment, ObjectLimit);

    /// <summary>The claim that all pods share.</summary>
    public static string CacheClaim(string deployment) => Cut($"{deployment}-cache", ObjectLimit);

    public static string Cut(string name, int limit)
    {
        if (name.Length <= limit)
            return name;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        return $"{name[..(limit - HashLength - 1)].TrimEnd('-', '.')}-{hash}";
    }
}
