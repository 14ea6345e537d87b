using System.Runtime.InteropServices;

namespace GpuStack.Placement.Planning.Search;

/// <summary>How long a <see cref="SetSearch"/> goes on. Small fleets are searched completely long before a limit is met.</summary>
/// <param name="Sets">Sets looked at.</param>
/// <param name="Trials">Sets whose splits are tried.</param>
/// <param name="Steps">Steps of these trials.</param>
/// <param name="Ranked">Sets of equally few devices whose speeds are compared exactly.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SearchLimits(int Sets, int Trials, long Steps, int Ranked)
{
    private const int SmallFleet = 16;

    /// <summary>Limits for finding a set anywhere in a fleet.</summary>
    public static SearchLimits Of(int nodes) => nodes <= SmallFleet ? new(20_000, 2000, 4_000_000, 16) : new(3000, 100, 300_000, 4);

    /// <summary>Limits for one of many domains.</summary>
    public static SearchLimits OfDomain(int nodes) => nodes <= SmallFleet ? Of(nodes) : new(300, 10, 20_000, 2);
}
