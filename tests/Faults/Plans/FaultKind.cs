namespace GpuStack.Faults.Plans;

/// <summary>Ways of an API server, or of what lies before it, to fail. None of them loses or reorders a change.</summary>
public enum FaultKind
{
    /// <summary>429 without a hint of when to come back.</summary>
    TooManyRequests,

    /// <summary>429 with Retry-After: 1.</summary>
    TooManyRequestsRetryAfter,

    /// <summary>500 with a Status.</summary>
    InternalError,

    /// <summary>503 with a Status.</summary>
    Unavailable,

    /// <summary>502 with a proxy's HTML.</summary>
    ProxyError,

    /// <summary>200 with no body at all.</summary>
    EmptyAnswer,

    /// <summary>200 with a proxy's HTML.</summary>
    ProxyPage,

    /// <summary>410 Expired as the answer's status.</summary>
    Expired,

    /// <summary>504 "Too large resource version" as the answer's status.</summary>
    VersionTooLarge,

    /// <summary>A watch's ERROR event 410.</summary>
    ErrorExpired,

    /// <summary>A watch's ERROR event 500.</summary>
    ErrorInternal,

    /// <summary>A watch's ERROR event 504 "Too large resource version".</summary>
    ErrorVersionTooLarge,

    /// <summary>A line (or a list's body) that is no JSON.</summary>
    GarbageJson,

    /// <summary>Half a line, then an orderly end.</summary>
    TruncatedLine,

    /// <summary>Half a chunk, then the end of the connection.</summary>
    CutChunk,

    /// <summary>A chunk's header without its data, then the end of the connection.</summary>
    ChunkHeaderOnly,

    /// <summary>An orderly end.</summary>
    Close,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>Nothing more comes, and the connection stays open.</summary>
    Stall,

    /// <summary>What follows comes in small pieces with pauses between.</summary>
    SlowDrip,

    /// <summary>A line that does not end.</summary>
    HugeLine,
}
