using System.Text.RegularExpressions;
using GpuStack.Kubernetes.Logging;

namespace GpuStack.Operator.Supervision.Output;

/// <summary>Makes a line of the engine fit to be shown: one line, bounded, without anything that looks like a key or a token. Pure.</summary>
internal static partial class SecretCut
{
    public const int MaxLength = 300;

    private const string Cut = "…";
    private const int MatchTimeout = 1000;

    /// <param name="line">Of the engine.</param>
    /// <param name="known">A key that must not be shown whatever it looks like; null when there is none.</param>
    public static string Of(string line, string? known)
    {
        var text = new string([.. line.Where(c => !char.IsControl(c))]);
        if (!string.IsNullOrEmpty(known))
            text = text.Replace(known, Cut, StringComparison.Ordinal);
        text = Named().Replace(text, match => match.Groups["name"].Value + Cut);
        text = Shaped().Replace(text, Cut);
        text = Long().Replace(text, match => IsMixed(match.ValueSpan) ? Cut : match.Value);
        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, Bounded.Length(text, MaxLength - 1)), Cut);
    }

    /// <summary>Letters and digits: a long word of letters alone is a name, of digits alone a number.</summary>
    private static bool IsMixed(ReadOnlySpan<char> word) =>
        word.ContainsAnyInRange('0', '9') && (word.ContainsAnyInRange('a', 'z') || word.ContainsAnyInRange('A', 'Z'));

    [GeneratedRegex(
        """(?<name>\b[\w-]*(key|token|secret|password|passwd|authorization)["']?\s*[=:]\s*["']?(bearer\s+)?|\bbearer\s+)(?!None\b|null\b)[^\s"',;)]+""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        MatchTimeout)]
    private static partial Regex Named();

    [GeneratedRegex(@"\b(hf_|sk-|ghp_|ms-|eyJ)[A-Za-z0-9_.-]{8,}|\b[a-z][a-z0-9+.-]*://[^\s/@]+@", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchTimeout)]
    private static partial Regex Shaped();

    [GeneratedRegex("[A-Za-z0-9_=+]{24,}", RegexOptions.CultureInvariant, MatchTimeout)]
    private static partial Regex Long();
}
