namespace GpuStack.Entities.V1Alpha1;

/// <summary>Which of several fitting places is taken.</summary>
public enum PlacementStrategy
{
    /// <summary>The smallest that fits: keeps large pools free.</summary>
    Pack,

    /// <summary>The largest: keeps groups apart.</summary>
    Spread,
}
