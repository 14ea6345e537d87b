namespace GpuStack.Placement.Planning;

/// <summary>Why one node was chosen, or was not.</summary>
/// <param name="Node">The node.</param>
/// <param name="Chosen">A group of the plan uses it.</param>
/// <param name="Reason"><c>Leader</c> or <c>Worker</c> for a chosen node, else one of <see cref="RejectionReasons"/>; <c>NoSuchNode</c> when there is none.</param>
/// <param name="Message">A sentence with numbers.</param>
public sealed record NodeExplanation(string Node, bool Chosen, string Reason, string Message)
{
    /// <summary>The node leads a group.</summary>
    public const string Leader = "Leader";

    /// <summary>The node works for a group's leader.</summary>
    public const string Worker = "Worker";

    /// <summary>The fleet has no node of that name.</summary>
    public const string NoSuchNode = "NoSuchNode";
}
