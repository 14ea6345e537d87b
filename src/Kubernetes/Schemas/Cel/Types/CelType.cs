using System.Collections.Frozen;

namespace GpuStack.Kubernetes.Schemas.Cel.Types;

/// <summary>The static type of an expression.</summary>
internal sealed record CelType(CelKind Kind, CelType? Element = null, CelType? Key = null)
{
    public static readonly CelType Dyn = new(CelKind.Dyn);
    public static readonly CelType Null = new(CelKind.Null);
    public static readonly CelType Bool = new(CelKind.Bool);
    public static readonly CelType Int = new(CelKind.Int);
    public static readonly CelType Double = new(CelKind.Double);
    public static readonly CelType String = new(CelKind.String);
    public static readonly CelType Bytes = new(CelKind.Bytes);
    public static readonly CelType Timestamp = new(CelKind.Timestamp);
    public static readonly CelType Duration = new(CelKind.Duration);
    public static readonly CelType Quantity = new(CelKind.Quantity);
    public static readonly CelType Type = new(CelKind.Type);
    public static readonly CelType AnyList = ListOf(Dyn);
    public static readonly CelType AnyMap = new(CelKind.Map, Dyn, Dyn);

    /// <summary>Of an object: its fields by the name that CEL gives them.</summary>
    public FrozenDictionary<string, CelField> Fields { get; init; } = FrozenDictionary<string, CelField>.Empty;

    /// <summary>Of a set or a map-like list, whose <c>+</c> merges instead of appending.</summary>
    public bool MergesOnAdd { get; init; }

    public static CelType ListOf(CelType element) => new(CelKind.List, element);

    public static CelType MapOf(CelType key, CelType value) => new(CelKind.Map, value, key);

    /// <summary>Whether a value of <paramref name="other"/> may stand where this type is wanted.</summary>
    public bool Accepts(CelType other)
    {
        if (Kind == CelKind.Dyn || other.Kind == CelKind.Dyn)
            return true;
        return Kind == other.Kind && Kind switch
        {
            CelKind.List => Element!.Accepts(other.Element!),
            CelKind.Map => Key!.Accepts(other.Key!) && Element!.Accepts(other.Element!),
            CelKind.Object => ReferenceEquals(Fields, other.Fields),
            _ => true,
        };
    }

    public bool Equals(CelType? other) => other is not null && Kind == other.Kind && Equals(Element, other.Element)
        && Equals(Key, other.Key) && ReferenceEquals(Fields, other.Fields);

    public override int GetHashCode() => HashCode.Combine(Kind, Element, Key);

    public override string ToString() => Kind switch
    {
        CelKind.Null => "null",
        CelKind.List => $"list({Element})",
        CelKind.Map => $"map({Key}, {Element})",
        CelKind.Timestamp => "timestamp",
        CelKind.Quantity => "kubernetes.Quantity",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
