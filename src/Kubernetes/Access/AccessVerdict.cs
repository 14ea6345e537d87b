namespace GpuStack.Kubernetes.Access;

/// <summary>Whether a request is let in.</summary>
public enum AccessVerdict
{
    /// <summary>It carries no token, or one that the API server does not know: 401.</summary>
    Unauthenticated,

    /// <summary>Whose token it is may not do this: 403.</summary>
    Forbidden,

    /// <summary>It is let in.</summary>
    Allowed,
}
