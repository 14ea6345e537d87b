namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>Something that was read.</summary>
/// <param name="Value">What.</param>
/// <param name="RenewAt">From then on it is read anew before it is used; null: never.</param>
/// <param name="UsableUntil">Until then it is used although reading it anew failed; null: as long as it takes.</param>
internal sealed record Fresh<T>(T Value, DateTimeOffset? RenewAt, DateTimeOffset? UsableUntil);
