using System.Security.Cryptography;
using System.Text;

namespace GpuStack.Kubernetes.Controllers.Children;

/// <summary>
/// Names of objects that a controller makes. They follow from what they are for, so that a controller that has forgotten
/// what it did, or whose cache is behind, creates nothing twice: the second create meets the first object.
/// </summary>
public static class ChildName
{
    /// <summary>DNS labels, such as the names of Services; also the longest label value.</summary>
    public const int LabelLimit = 63;

    /// <summary>DNS subdomains, the names of most objects.</summary>
    public const int SubdomainLimit = 253;

    private const int HashLength = 8;

    /// <summary><paramref name="owner"/> and <paramref name="purpose"/> with a dash between, cut as <see cref="Cut"/> does.</summary>
    /// <param name="owner">The owner's name.</param>
    /// <param name="purpose">What the child is for, such as <c>settings</c>.</param>
    /// <param name="limit">Characters; at least 10.</param>
    public static string Of(string owner, string purpose, int limit = SubdomainLimit) => Cut($"{owner}-{purpose}", limit);

    /// <summary>
    /// <paramref name="name"/>; where it is over the limit, its beginning with eight hex digits of the whole name's SHA-256
    /// at the end, so that long names stay apart and the same name is always cut the same way.
    /// </summary>
    /// <param name="name">The whole name.</param>
    /// <param name="limit">Characters; at least 10.</param>
    public static string Cut(string name, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, HashLength + 2);
        if (name.Length <= limit) return name;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        return $"{name[..(limit - HashLength - 1)].TrimEnd('-', '.')}-{hash}";
    }
}
