namespace GpuStack.Entities.Schema;

/// <summary>Inclusive bounds of an integer, or of each integer in a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute(long min, long max) : Attribute
{
    /// <summary>Smallest value.</summary>
    public long Min { get; } = min;

    /// <summary>Largest value.</summary>
    public long Max { get; } = max;
}
