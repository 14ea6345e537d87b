namespace GpuStack.Kubernetes.Client;

/// <summary>What to watch.</summary>
public sealed record WatchOptions
{
    /// <summary>Such as <c>app=web,tier in (a,b),!gone</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Such as <c>metadata.name=a</c>; servers support few fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Changes after this version; null: first the present objects as ADDED.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Ask for BOOKMARK events, which carry only a newer resourceVersion.</summary>
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>When the server shall end the stream; the server chooses when null.</summary>
    public TimeSpan? Timeout { get; init; }
}
