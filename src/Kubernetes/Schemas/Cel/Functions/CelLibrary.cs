using System.Collections.Frozen;
using GpuStack.Kubernetes.Schemas.Cel.Types;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>All functions by name. What is not here is refused when a rule is compiled.</summary>
internal static class CelLibrary
{
    private static readonly FrozenDictionary<(string Name, bool IsMethod, int Arity), CelOverload[]> Overloads =
        OperatorFunctions.All.Concat(StringFunctions.All).Concat(CollectionFunctions.All)
            .Concat(ConversionFunctions.All).Concat(QuantityFunctions.All)
            .GroupBy(o => (o.Name, o.IsMethod, o.Parameters.Length)).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    private static readonly FrozenSet<string> Names = Overloads.Keys.Select(k => k.Name).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The names of types, which are values of their own.</summary>
    public static readonly FrozenDictionary<string, CelKind> TypeNames = new Dictionary<string, CelKind>(StringComparer.Ordinal)
    {
        ["bool"] = CelKind.Bool,
        ["int"] = CelKind.Int,
        ["double"] = CelKind.Double,
        ["string"] = CelKind.String,
        ["list"] = CelKind.List,
        ["map"] = CelKind.Map,
        ["null_type"] = CelKind.Null,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static CelOverload[] Find(string name, bool isMethod, int arity) =>
        Overloads.GetValueOrDefault((name, isMethod, arity)) ?? [];

    public static bool Has(string name) => Names.Contains(name);
}
