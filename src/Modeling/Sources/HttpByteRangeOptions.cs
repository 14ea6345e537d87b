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

    /// <summary>Redirects followed for one request.</summary>
    public int Redirects { get; init; } = 8;

    /// <summary>The most bytes read in all from a server that answers without heeding the range.</summary>
    public long WithoutRanges { get; init; } = 64L << 20;

    /// <summary>Measures <see cref="Timeout"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal bool HasToken => !string.IsNullOrEmpty(Token);

    /// <summary>A record's own ToString would print the token.</summary>
    public override string ToString() => $"{nameof(HttpByteRangeOptions)} {{ Token = {(HasToken ? "***" : "none")}, Timeout = {Timeout} }}";
}
