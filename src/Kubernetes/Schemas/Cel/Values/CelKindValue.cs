using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Schemas.Cel.Types;

namespace GpuStack.Kubernetes.Schemas.Cel.Values;

/// <summary>A type as a value: what <c>type(x)</c> gives and what <c>int</c>, <c>string</c> name.</summary>
internal sealed record CelKindValue(CelKind Kind)
{
    public static CelKind Of(object? value) => value switch
    {
        null => CelKind.Null,
        bool => CelKind.Bool,
        long => CelKind.Int,
        double => CelKind.Double,
        string => CelKind.String,
        DateTimeOffset => CelKind.Timestamp,
        KubernetesDuration => CelKind.Duration,
        Quantity => CelKind.Quantity,
        CelListValue => CelKind.List,
        CelJsonObject => CelKind.Object,
        CelMapValue => CelKind.Map,
        CelKindValue => CelKind.Type,
        _ => CelKind.Dyn,
    };
}
