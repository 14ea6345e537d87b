using System.Collections.Immutable;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// One metadata value. Numbers are widened: integers and booleans to 64 bits, floats to doubles. Arrays keep their elements
/// only when they are short; of a long one (a tokenizer's vocabulary) only the element type and the count are known.
/// </summary>
public sealed record GgufValue
{
    /// <summary>The value's type in the file.</summary>
    public required GgufValueType Type { get; init; }

    /// <summary>The value of an integer or boolean (0, 1); null otherwise. Unsigned values beyond 2^63 wrap.</summary>
    public long? Integer { get; init; }

    /// <summary>The value of a float; null otherwise.</summary>
    public double? Number { get; init; }

    /// <summary>The value of a string; null otherwise.</summary>
    public string? Text { get; init; }

    /// <summary>The type of an array's elements.</summary>
    public GgufValueType ElementType { get; init; }

    /// <summary>The number of an array's elements.</summary>
    public long Count { get; init; }

    /// <summary>The elements of an array that is short enough to be kept; default otherwise.</summary>
    public ImmutableArray<GgufValue> Elements { get; init; }
}
