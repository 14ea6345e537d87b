namespace GpuStack.Kubernetes.Logging;

/// <summary>Text from outside, short enough for a line of the log.</summary>
internal static class Bounded
{
    private const int Longest = 512;

    public static string Text(string? text, int longest = Longest) => text is null ? "" : text.Length <= longest ? text : $"{text.AsSpan(0, longest - 1)}…";
}
