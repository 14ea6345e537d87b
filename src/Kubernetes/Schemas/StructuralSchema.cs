using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas;

/// <summary>
/// The structural schema of one custom resource version: defaults, pruning and validation as kube-apiserver does them.
/// Immutable and safe for concurrent use.
/// </summary>
public sealed class StructuralSchema
{
    /// <summary>Parses and checks an <c>openAPIV3Schema</c>, its defaults and its CEL rules.</summary>
    /// <param name="openApiV3Schema">The value of <c>spec.versions[].schema.openAPIV3Schema</c>; it is not changed.</param>
    /// <exception cref="SchemaException">The schema is not structural, or uses what is not supported.</exception>
    public static StructuralSchema Parse(JsonObject openApiV3Schema) => throw new NotSupportedException();

    /// <summary>Sets the defaults of missing fields in place, after removing nulls of fields that are not nullable.</summary>
    public void ApplyDefaults(JsonObject value) => throw new NotSupportedException();

    /// <summary>Removes unknown fields in place.</summary>
    public void Prune(JsonObject value) => throw new NotSupportedException();

    /// <summary>The fields that <see cref="Prune"/> would remove.</summary>
    public IReadOnlyList<UnknownField> FindUnknownFields(JsonObject value) => throw new NotSupportedException();

    /// <summary>Validates an object (with its defaults), and its change from <paramref name="old"/> on an update.</summary>
    /// <returns>The findings in the API server's order; empty when the object is valid.</returns>
    public IReadOnlyList<FieldError> Validate(JsonObject value, JsonObject? old) => throw new NotSupportedException();
}
