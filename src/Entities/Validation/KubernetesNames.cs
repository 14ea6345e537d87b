using System.Text.RegularExpressions;

namespace GpuStack.Entities.Validation;

/// <summary>Kubernetes' rules for keys and values of labels.</summary>
internal static partial class KubernetesNames
{
    public const string QualifiedNameRemedy = "write it like example.com/name, with at most 63 letters, digits, '-', '_' and '.' after the slash";

    public const string LabelValueRemedy = "use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";

    /// <summary>A key of a label, annotation or taint.</summary>
    public static bool IsQualifiedName(string text) => text.Length <= 317 && QualifiedName().IsMatch(text);

    public static bool IsLabelValue(string text) => LabelValue().IsMatch(text);

    [GeneratedRegex(@"\A([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LabelValue();
}
