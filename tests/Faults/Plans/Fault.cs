namespace GpuStack.Faults.Plans;

/// <summary>One fault that is to happen.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="AfterEvents">How many events a watch sends before.</param>
public sealed record Fault(FaultKind Kind, int AfterEvents = 0)
{
    /// <summary>The faults that replace a watch's or list's answer.</summary>
    public static readonly IReadOnlyList<FaultKind> OfAnswers =
    [
        FaultKind.TooManyRequests, FaultKind.TooManyRequestsRetryAfter, FaultKind.InternalError, FaultKind.Unavailable, FaultKind.ProxyError,
        FaultKind.EmptyAnswer, FaultKind.ProxyPage, FaultKind.Expired, FaultKind.VersionTooLarge,
    ];

    /// <summary>The faults that befall a watch which is open.</summary>
    public static readonly IReadOnlyList<FaultKind> OfOpenWatches =
    [
        FaultKind.ErrorExpired, FaultKind.ErrorInternal, FaultKind.ErrorVersionTooLarge, FaultKind.GarbageJson, FaultKind.TruncatedLine,
        FaultKind.CutChunk, FaultKind.ChunkHeaderOnly, FaultKind.Close, FaultKind.Reset, FaultKind.Stall, FaultKind.SlowDrip, FaultKind.HugeLine,
    ];

    /// <summary>The faults that befall a list's body.</summary>
    public static readonly IReadOnlyList<FaultKind> OfListBodies =
    [
        FaultKind.GarbageJson, FaultKind.TruncatedLine, FaultKind.CutChunk, FaultKind.ChunkHeaderOnly, FaultKind.Reset, FaultKind.Stall, FaultKind.SlowDrip,
    ];
}
