namespace GpuStack.Entities.Schema;

/// <summary>The values that a string may take, where a C# enum cannot spell them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EnumValuesAttribute(params string[] values) : Attribute
{
    /// <summary>The values, in the order that the schema lists them.</summary>
    public IReadOnlyList<string> Values { get; } = values;
}
