using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.OpenApi;

/// <summary>Writes the OpenAPI v3 document of a group version, enough for kubectl's explain and validation.</summary>
public static class OpenApiDocument
{
    /// <summary>The document served at <c>/openapi/v3/apis/GROUP/VERSION</c>.</summary>
    /// <param name="resources">The custom resources of one group version with their <c>openAPIV3Schema</c>.</param>
    public static JsonObject Create(IReadOnlyList<(CustomResourceKind Kind, JsonObject OpenApiV3Schema)> resources) =>
        throw new NotSupportedException();
}
