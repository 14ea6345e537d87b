using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Patterns;

namespace GpuStack.Kubernetes.Schemas.Validation;

/// <summary>The value validations of a schema node, as far as they do not concern its structure.</summary>
internal sealed record ValueRules
{
    public static readonly ValueRules None = new();

    public double? Minimum { get; init; }
    public double? Maximum { get; init; }
    public bool ExclusiveMinimum { get; init; }
    public bool ExclusiveMaximum { get; init; }
    public double? MultipleOf { get; init; }
    public long? MinLength { get; init; }
    public long? MaxLength { get; init; }
    public GoPattern? Pattern { get; init; }
    public long? MinItems { get; init; }
    public long? MaxItems { get; init; }
    public long? MinProperties { get; init; }
    public long? MaxProperties { get; init; }
    public IReadOnlyList<string> Required { get; init; } = [];
    public IReadOnlyList<JsonNode?>? Enum { get; init; }
    public IReadOnlyList<SchemaNode> AllOf { get; init; } = [];
    public IReadOnlyList<SchemaNode> AnyOf { get; init; } = [];
    public IReadOnlyList<SchemaNode> OneOf { get; init; } = [];
    public SchemaNode? Not { get; init; }
}
