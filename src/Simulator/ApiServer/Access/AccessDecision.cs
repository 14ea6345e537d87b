namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>Whether somebody may do something.</summary>
/// <param name="IsAllowed">Whether.</param>
/// <param name="Rule">What allows it; null for members of system:masters, and for a refusal.</param>
internal sealed record AccessDecision(bool IsAllowed, BoundRule? Rule)
{
    /// <summary>No rule allows it.</summary>
    public static AccessDecision No { get; } = new(false, null);

    /// <summary>The user may do everything.</summary>
    public static AccessDecision ByMembership { get; } = new(true, null);
}
