namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>What a kubelet remembers of a pod it runs.</summary>
internal sealed class PodRun
{
    public required string Uid { get; init; }
    public required DateTimeOffset Bound { get; init; }
    public required string PodIp { get; init; }
    public DateTimeOffset StartsAt { get; set; }
    public DateTimeOffset ReadyAt { get; set; }
    public DateTimeOffset? EndsAt { get; set; }
    public int Restarts { get; set; }
    public DateTimeOffset? CrashedAt { get; set; }

    /// <summary>Set when the whole pod failed for good; its message.</summary>
    public string? Failure { get; set; }
    public bool Announced { get; set; }
}
