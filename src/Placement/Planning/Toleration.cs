namespace GpuStack.Placement.Planning;

/// <summary>A toleration as pods carry it; null fields match as Kubernetes defines.</summary>
public sealed record Toleration
{
    /// <summary>The taint's key; null or empty with <c>Exists</c> tolerates every taint.</summary>
    public string? Key { get; init; }

    /// <summary><c>Equal</c> (default) or <c>Exists</c>.</summary>
    public string? Operator { get; init; }

    /// <summary>The taint's value, for <c>Equal</c>.</summary>
    public string? Value { get; init; }

    /// <summary>The effect; null or empty matches all.</summary>
    public string? Effect { get; init; }
}
