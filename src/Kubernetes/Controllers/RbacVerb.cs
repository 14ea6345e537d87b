namespace GpuStack.Kubernetes.Controllers;

/// <summary>What may be done to a resource; the generated role lists them in lower case.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>get</summary>
    Get = 1,

    /// <summary>list</summary>
    List = 2,

    /// <summary>watch</summary>
    Watch = 4,

    /// <summary>create</summary>
    Create = 8,

    /// <summary>update</summary>
    Update = 16,

    /// <summary>patch (apply is a patch, and needs create as well for what does not exist)</summary>
    Patch = 32,

    /// <summary>delete</summary>
    Delete = 64,
}
