namespace GpuStack.Kubernetes.Models;

/// <summary>An object, by kind and name.</summary>
public sealed class V1ObjectReference
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public string? Namespace { get; set; }

    public string? Name { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }

    public string? FieldPath { get; set; }
}

/// <summary>An object of the same namespace.</summary>
public sealed class V1LocalObjectReference
{
    public string? Name { get; set; }
}

public sealed class V1TypedLocalObjectReference
{
    public string? ApiGroup { get; set; }

    public string? Kind { get; set; }

    public string? Name { get; set; }
}
