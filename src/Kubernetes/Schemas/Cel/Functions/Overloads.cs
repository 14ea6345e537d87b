using GpuStack.Kubernetes.Schemas.Cel.Evaluation;
using GpuStack.Kubernetes.Schemas.Cel.Types;

namespace GpuStack.Kubernetes.Schemas.Cel.Functions;

/// <summary>Short ways to write overloads.</summary>
internal static class Overloads
{
    public static CelOverload Function(string name, CelType result, CelType[] parameters, Func<CelActivation, object?[], object?> invoke) =>
        new(name, false, parameters, _ => result, invoke);

    public static CelOverload Method(string name, CelType result, CelType[] parameters, Func<CelActivation, object?[], object?> invoke) =>
        new(name, true, parameters, _ => result, invoke);
}
