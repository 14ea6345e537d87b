using System.Runtime.CompilerServices;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Reads a watch's body: one JSON object a line, <c>{"type":…,"object":…}</c>, parsed straight from the receive buffer.
/// </summary>
internal static class WatchStream
{
    /// <exception cref="KubernetesException">An ERROR event.</exception>
    /// <exception cref="IOException">The stream broke off.</exception>
    /// <exception cref="InvalidDataException">A line is no event, or too long.</exception>
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream stream,
        WatchLine<T> lines,
        IdleLimit limit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        using var buffer = new ReceiveBuffer(stream, limit);
        var searched = 0;
        while (true)
        {
            while (TakeLine(buffer, ref searched, lines, out var change))
            {
                if (change is { } one) yield return one;
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (buffer.IsComplete) yield break;
            await buffer.FillAsync().ConfigureAwait(false);
        }
    }

    /// <summary>False when no line is there; a line may be blank and no event.</summary>
    private static bool TakeLine<T>(ReceiveBuffer buffer, ref int searched, WatchLine<T> lines, out WatchEvent<T>? change)
        where T : class, IKubernetesObject
    {
        change = null;
        var unread = buffer.Unread;
        var end = unread[searched..].IndexOf((byte)'\n');
        if (end < 0 && !(buffer.IsComplete && unread.Length > 0))
        {
            searched = unread.Length;
            return false;
        }

        var length = end < 0 ? unread.Length : searched + end;
        searched = 0;
        change = lines.Parse(unread[..length], isWhole: end >= 0);
        buffer.Consume(end < 0 ? length : length + 1);
        return true;
    }
}
