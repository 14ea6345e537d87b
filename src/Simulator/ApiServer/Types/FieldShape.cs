using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Types;

/// <summary>What a JSON value has to be.</summary>
internal enum ShapeKind
{
    Any,
    String,
    Integer,
    Boolean,
    Number,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Bytes,
    Object,
    Map,
    List,
}

/// <summary>How server-side apply and strategic merge treat a list.</summary>
internal enum ListMerge
{
    /// <summary>Replaced and owned as a whole.</summary>
    Atomic,

    /// <summary>Distinct scalars.</summary>
    Set,

    /// <summary>Items told apart by keys.</summary>
    Map,
}

/// <summary>One key of a list map, with the value that a missing key stands for.</summary>
internal sealed record ListKey(string Name, JsonValue? Default);

/// <summary>
/// The shape of a field, from the type library or from a CustomResourceDefinition: what decoding checks, how patches merge, what
/// a manager owns, and what OpenAPI publishes.
/// </summary>
internal sealed class FieldShape
{
    private static readonly FrozenDictionary<string, FieldShape> NoFields = FrozenDictionary<string, FieldShape>.Empty;

    /// <summary>Nothing known: objects merge by field, lists are replaced.</summary>
    public static FieldShape Any { get; } = new() { Kind = ShapeKind.Any };

    public ShapeKind Kind { get; init; }

    /// <summary>The type's name in the library, null for anonymous shapes.</summary>
    public string? TypeName { get; init; }

    /// <summary>Bits of an integer: 32 or 64.</summary>
    public int Bits { get; init; } = 64;

    /// <summary>An object or map that is replaced and owned as a whole.</summary>
    public bool Atomic { get; init; }

    public IReadOnlyDictionary<string, FieldShape> Fields { get; set; } = NoFields;

    public IReadOnlySet<string> Required { get; set; } = FrozenSet<string>.Empty;

    /// <summary>Of a map or list: its values.</summary>
    public FieldShape? Element { get; init; }

    public ListMerge Merge { get; init; }

    public IReadOnlyList<ListKey> Keys { get; init; } = [];

    /// <summary>The shape of a named field; unknown fields are of any shape.</summary>
    public FieldShape Field(string name) => Kind switch
    {
        ShapeKind.Object => Fields.GetValueOrDefault(name) ?? Element ?? Any,
        ShapeKind.Map => Element ?? Any,
        _ => Any,
    };

    /// <summary>The shape of a list's items.</summary>
    public FieldShape Item => Kind == ShapeKind.List ? Element ?? Any : Any;
}
