namespace GpuStack.Kubernetes.Hosting;

/// <summary>Text from outside, short enough for a line of the log.</summary>
internal static class Bounded
{
    private const int Longest = 512;

    public static string Text(string? text) => text is null ? "" : text.Length <= Longest ? text : $"{text.AsSpan(0, Longest - 1)}…";
}
