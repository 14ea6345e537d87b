namespace GpuStack.Kubernetes.Schemas.Cel.Values;

/// <summary>An error as a value: <c>&amp;&amp;</c>, <c>||</c>, all and exists may absorb it, everything else passes it on.</summary>
internal sealed record CelError(string Message)
{
    public static readonly CelError NoSuchOverload = new("no such overload");
    public static readonly CelError Overflow = new("integer overflow");
}
