namespace GpuStack.Placement.Planning;

/// <summary>Which of several fitting nodes is taken.</summary>
public enum PlacementStrategy
{
    /// <summary>The smallest pool that fits: large pools stay free for large models.</summary>
    Pack,

    /// <summary>The largest pool.</summary>
    Spread,
}
