namespace GpuStack.Entities.Schema;

/// <summary>Bounds of a list's or map's number of entries.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(int min, int max) : Attribute
{
    /// <summary>Smallest number; 0 leaves it out of the schema.</summary>
    public int Min { get; } = min;

    /// <summary>Largest number; always in the schema, the cost of CEL rules depends on it.</summary>
    public int Max { get; } = max;
}
