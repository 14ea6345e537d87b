namespace GpuStack.Kubernetes.Schemas;

/// <summary><c>x-kubernetes-list-type</c>.</summary>
internal enum ListKind
{
    Atomic,
    Set,
    Map,
}
