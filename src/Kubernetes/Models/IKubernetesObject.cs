namespace GpuStack.Kubernetes.Models;

/// <summary>Any object of the Kubernetes API that has a name.</summary>
public interface IKubernetesObject
{
    /// <summary><c>group/version</c>, or the bare version for the core group.</summary>
    string? ApiVersion { get; set; }

    /// <summary>The kind, such as <c>Pod</c>.</summary>
    string? Kind { get; set; }

    /// <summary>Name, namespace, labels, owners and so on; never null.</summary>
    V1ObjectMeta Metadata { get; set; }
}
