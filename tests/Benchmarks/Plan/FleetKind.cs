namespace GpuStack.Benchmarks.Plan;

/// <summary>How products are spread over a fleet.</summary>
internal enum FleetKind
{
    /// <summary>One product.</summary>
    Uniform,

    /// <summary>Eight products, one for each rack.</summary>
    Mixed,

    /// <summary>Eight products, any in any rack.</summary>
    Scattered,
}
