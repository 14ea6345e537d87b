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

    /// <summary>
    /// Begin with the present objects as ADDED events, and say by a bookmark that they are all there
    /// (<see cref="WatchEvent{T}.IsInitialEventsEnd"/>): a list as a stream. They are not older than <see cref="ResourceVersion"/>, or the
    /// newest when that is null. Servers without it answer with a failure.
    /// </summary>
    public bool SendInitialEvents { get; init; }

    /// <summary>
    /// A watch in which nothing arrives for so long, not even a bookmark, is taken for dead and ends as if the server had ended it. Servers
    /// send bookmarks about each minute. Null: no such limit.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>With <see cref="SendInitialEvents"/>: the same limit until the bookmark that ends them; then it is a <see cref="TimeoutException"/>.</summary>
    public TimeSpan InitialEventsTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What of the objects is read; everything when null. Bookmarks are read whole.</summary>
    public JsonProjection? Projection { get; init; }
}
