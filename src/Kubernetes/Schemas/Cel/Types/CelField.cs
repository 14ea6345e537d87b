namespace GpuStack.Kubernetes.Schemas.Cel.Types;

/// <param name="JsonName">The name in JSON, before CEL's escaping.</param>
/// <param name="Type">The type of its value.</param>
internal sealed record CelField(string JsonName, CelType Type);
