namespace GpuStack.Modeling.Fetching;

/// <summary>When something that failed is tried again.</summary>
public sealed record RetryRules
{
    /// <summary>Failures that may pass, without a byte gained between them, after which the last endpoint is given up.</summary>
    public int Attempts { get; init; } = 10;

    /// <summary>The same of an endpoint after which another one comes: that one is the better attempt.</summary>
    public int MirrorAttempts { get; init; } = 2;

    /// <summary>The pause after the first failure; each one after it is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause of our own choice.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause that a server may ask for (Retry-After); one that asks for more is given up.</summary>
    public TimeSpan LongestRequested { get; init; } = TimeSpan.FromMinutes(10);
}
