namespace GpuStack.Kubernetes.Schemas.OpenApi;

/// <summary>The names of a custom resource version, as its CRD gives them.</summary>
/// <param name="Group">E.g. <c>inference.gpustack.io</c>.</param>
/// <param name="Version">E.g. <c>v1alpha1</c>.</param>
/// <param name="Kind">E.g. <c>ModelDeployment</c>.</param>
/// <param name="ListKind">E.g. <c>ModelDeploymentList</c>.</param>
/// <param name="Plural">E.g. <c>modeldeployments</c>.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
/// <param name="HasStatus">Whether it has the status subresource.</param>
/// <param name="HasScale">Whether it has the scale subresource.</param>
public sealed record CustomResourceKind(
    string Group, string Version, string Kind, string ListKind, string Plural, bool Namespaced, bool HasStatus, bool HasScale);
