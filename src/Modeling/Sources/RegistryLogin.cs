namespace GpuStack.Modeling.Sources;

/// <summary>What proves who asks to a registry; sent to that registry, and to the server that it names for tokens, only.</summary>
public sealed record RegistryLogin
{
    /// <summary>The registry's host, with its port where it has one.</summary>
    public required string Registry { get; init; }

    /// <summary>The user's name; empty for a token.</summary>
    public string User { get; init; } = "";

    /// <summary>The password, or a token.</summary>
    public required string Secret { get; init; }

    /// <summary>A record's own ToString would print the secret.</summary>
    public override string ToString() => $"{nameof(RegistryLogin)} {{ {Registry} }}";
}
