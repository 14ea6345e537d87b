namespace GpuStack.Operator.Supervision.Peers;

/// <summary>The rhythm of a watch.</summary>
internal static class PeerLooks
{
    /// <summary>Looks once an interval, whether or not a silent peer used up that interval, until a look has a verdict.</summary>
    public static async Task<Verdict> RepeatAsync(
        Func<CancellationToken, Task<Verdict?>> look, TimeSpan interval, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var looked = time.GetTimestamp();
            if (await look(cancellationToken) is { } verdict)
                return verdict;
            var rest = interval - time.GetElapsedTime(looked);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, time, cancellationToken);
        }
    }
}
