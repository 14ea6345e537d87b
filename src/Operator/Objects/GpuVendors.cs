namespace GpuStack.Operator.Objects;

/// <summary>The vendor behind a device resource, in the names that <c>FleetNode.Vendor</c> uses. Pure.</summary>
internal static class GpuVendors
{
    private static readonly (string Prefix, string Vendor)[] Prefixes =
    [
        ("nvidia.com/", "nvidia"),
        ("amd.com/", "amd"),
        ("gpu.intel.com/", "intel"),
        ("huawei.com/", "ascend"),
        ("hygon.com/", "hygon"),
        ("cambricon.com/", "cambricon"),
        ("metax-tech.com/", "metax"),
        ("mthreads.com/", "mthreads"),
    ];

    /// <summary>The vendor; empty for a pod without devices.</summary>
    public static string OfResource(string resourceName)
    {
        foreach (var (prefix, vendor) in Prefixes)
        {
            if (resourceName.StartsWith(prefix, StringComparison.Ordinal))
                return vendor;
        }
        return "";
    }
}
