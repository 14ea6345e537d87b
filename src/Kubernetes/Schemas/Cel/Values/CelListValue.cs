using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.Cel.Values;

/// <summary>A list, of JSON with its schema or made by the expression.</summary>
internal abstract class CelListValue
{
    public abstract int Count { get; }

    public abstract object? this[int index] { get; }

    /// <summary>How items are told apart when the list is compared: by place, or regardless of order.</summary>
    public virtual ListKind Kind => ListKind.Atomic;
}

internal sealed class CelJsonList(JsonArray list, SchemaNode schema) : CelListValue
{
    public override int Count => list.Count;

    public override object? this[int index] => CelJson.Value(list[index], schema.Items!);

    public override ListKind Kind => schema.ListKind;
}

internal sealed class CelMadeList(IReadOnlyList<object?> items) : CelListValue
{
    public override int Count => items.Count;

    public override object? this[int index] => items[index];
}
