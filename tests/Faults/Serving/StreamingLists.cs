namespace GpuStack.Faults.Serving;

/// <summary>How the server answers <c>sendInitialEvents=true</c>.</summary>
public enum StreamingLists
{
    /// <summary>As asked.</summary>
    Served,

    /// <summary>422, as a server without the feature.</summary>
    Forbidden,

    /// <summary>An ERROR event 500, as a server whose storage cannot do it.</summary>
    Unsupported,
}
