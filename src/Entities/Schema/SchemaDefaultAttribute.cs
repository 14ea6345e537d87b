namespace GpuStack.Entities.Schema;

/// <summary>The default as JSON text, where the initializer's own text differs (<c>"0.9"</c>, not <c>900m</c>) or where there is none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SchemaDefaultAttribute(string json) : Attribute
{
    /// <summary>JSON text of the default.</summary>
    public string Json { get; } = json;
}
