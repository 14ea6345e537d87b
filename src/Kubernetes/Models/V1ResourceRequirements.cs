namespace GpuStack.Kubernetes.Models;

/// <summary>What a container asks for and may use at most.</summary>
public sealed class V1ResourceRequirements
{
    public Dictionary<string, Quantity>? Limits { get; set; }

    public Dictionary<string, Quantity>? Requests { get; set; }

    public List<V1ResourceClaim>? Claims { get; set; }
}

public sealed class V1ResourceClaim
{
    public string? Name { get; set; }

    public string? Request { get; set; }
}
