namespace GpuStack.Kubernetes.Models;

/// <summary>The family of suffixes a quantity is written with.</summary>
public enum QuantityFormat
{
    /// <summary>n, u, m, none, k, M, G, T, P, E.</summary>
    DecimalSI,

    /// <summary>Ki, Mi, Gi, Ti, Pi, Ei.</summary>
    BinarySI,

    /// <summary>1e3 and the like.</summary>
    DecimalExponent,
}
