namespace GpuStack.Entities.Schema;

/// <summary>Bounds of a string, or of each string in a list or map, in characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(int min, int max) : Attribute
{
    /// <summary>Smallest length; 0 leaves it out of the schema.</summary>
    public int Min { get; } = min;

    /// <summary>Largest length; always in the schema, the cost of CEL rules depends on it.</summary>
    public int Max { get; } = max;
}
