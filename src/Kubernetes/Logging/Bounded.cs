namespace GpuStack.Kubernetes.Logging;

/// <summary>Text from outside, short enough for a line of the log.</summary>
internal static class Bounded
{
    private const int Longest = 512;

    public static string Text(string? text, int longest = Longest) => text is null ? "" : text.Length <= longest ? text : $"{text.AsSpan(0, Length(text, longest - 1))}…";

    /// <summary>How much of a text may be kept: at most <paramref name="longest"/>, in UTF-16 units, and not half of a surrogate pair.</summary>
    public static int Length(string text, int longest) =>
        text.Length <= longest ? text.Length : longest > 0 && char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
}
