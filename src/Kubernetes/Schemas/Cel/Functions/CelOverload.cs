using GpuStack.Kubernetes.Schemas.Cel.Evaluation;
using GpuStack.Kubernetes.Schemas.Cel.Types;
using GpuStack.Kubernetes.Schemas.Cel.Values;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>One signature of a function, method (its first parameter is the receiver) or operator.</summary>
/// <param name="Name">E.g. <c>startsWith</c> or <c>_+_</c>.</param>
/// <param name="IsMethod">Whether it is called on a receiver.</param>
/// <param name="Parameters">The static types it takes.</param>
/// <param name="Result">The type it gives, from those of its arguments.</param>
/// <param name="Invoke">What it does; it never throws but for the budget.</param>
internal sealed record CelOverload(
    string Name, bool IsMethod, CelType[] Parameters, Func<CelType[], CelType> Result, Func<CelActivation, object?[], object?> Invoke)
{
    public bool Accepts(CelType[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Parameters[i].Accepts(arguments[i]))
                return false;
        }
        return true;
    }

    public bool Fits(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var wanted = Parameters[i].Kind;
            var kind = CelKindValue.Of(values[i]);
            if (wanted != CelKind.Dyn && wanted != kind && !(wanted == CelKind.Map && kind == CelKind.Object))
                return false;
        }
        return true;
    }
}
