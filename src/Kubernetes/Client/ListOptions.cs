namespace GpuStack.Kubernetes.Client;

/// <summary>What to list.</summary>
public sealed record ListOptions
{
    /// <summary>Such as <c>app=web,tier in (a,b),!gone</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Such as <c>metadata.name=a</c>; servers support few fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects per page. Servers ignore it when <see cref="ResourceVersion"/> is "0".</summary>
    public int? Limit { get; init; }

    /// <summary>The previous page's continue token.</summary>
    public string? Continue { get; init; }

    /// <summary>"0": whatever the server has cached; another: not older than that; null: the newest.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>What of the objects is read; everything when null.</summary>
    public JsonProjection? Projection { get; init; }
}
