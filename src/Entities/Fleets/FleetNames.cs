using System.Text.RegularExpressions;

namespace GpuStack.Entities.Fleets;

/// <summary>What Kubernetes accepts as names, keys and values on nodes.</summary>
internal static partial class FleetNames
{
    public static bool IsGroupName(string text) => GroupName().IsMatch(text);

    public static bool IsLabelValue(string text) => LabelValue().IsMatch(text);

    public static bool IsLabelKey(string text) => LabelKey().IsMatch(text);

    public static bool IsCapability(string text) => Capability().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GroupName();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"\A([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"\A[0-9]{1,2}\.[0-9]{1,2}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Capability();
}
