namespace GpuStack.Operator.Supervision.Progress;

internal enum EngineSampleKind
{
    /// <summary>Nothing came in time.</summary>
    Unanswered,

    /// <summary>An answer without the figures (a wrong API key, metrics switched off): the engine lives, and nothing is known of its progress.</summary>
    Unreadable,

    /// <summary>The figures.</summary>
    Values,
}
