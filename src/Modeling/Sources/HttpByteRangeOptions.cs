namespace GpuStack.Modeling.Sources;

/// <summary>How a URL is read.</summary>
public sealed record HttpByteRangeOptions
{
    /// <summary>A bearer token; sent to the source's own host only, never to one that it redirects to.</summary>
    public string? Token { get; init; }

    /// <summary>Bytes of the first request; each one that follows on it asks for twice as many.</summary>
    public int FirstBlock { get; init; } = 256 << 10;

    /// <summary>The most bytes of one request.</summary>
    public int LargestBlock { get; init; } = 4 << 20;

    /// <summary>How long one answer, or one read of its body, may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long everything that is read under these options may take together, pauses included, from the first request on.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is sent before a failure that may pass (time-out, 429, 5xx, broken connection) is reported; at least 1.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>The pause before the second attempt; each one after it is twice as long, with jitter. A server's Retry-After replaces it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause; a server that asks for more is not asked again.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Redirects followed for one request.</summary>
    public int Redirects { get; init; } = 8;

    /// <summary>The most bytes read in all from a server that answers without heeding the range.</summary>
    public long WithoutRanges { get; init; } = 64L << 20;

    /// <summary>Measures <see cref="Timeout"/>, <see cref="Deadline"/> and the pauses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal bool HasToken => !string.IsNullOrEmpty(Token);

    /// <summary>A record's own ToString would print the token.</summary>
    public override string ToString() => $"{nameof(HttpByteRangeOptions)} {{ Token = {(HasToken ? "***" : "none")}, Timeout = {Timeout} }}";
}
