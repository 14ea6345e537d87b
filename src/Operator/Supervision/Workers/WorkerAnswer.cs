namespace GpuStack.Operator.Supervision.Workers;

/// <summary>What one look at a worker's <c>/status</c> brought.</summary>
/// <param name="Failure">Why there was no answer, without a full stop; null when there was one.</param>
/// <param name="Running">Its engine runs.</param>
/// <param name="StartTime">When its engine started, on the worker's clock; tells one run from another.</param>
/// <param name="Listening">Its engine's RPC port is in LISTEN.</param>
/// <param name="Message">What the worker's supervisor says, bounded; empty when nothing.</param>
internal sealed record WorkerAnswer(string? Failure, bool Running, DateTimeOffset? StartTime, bool Listening, string Message)
{
    public static WorkerAnswer None(string failure) => new(failure, Running: false, StartTime: null, Listening: false, "");

    /// <summary>It can be asked HELLO.</summary>
    public bool Ready => Failure is null && Running && Listening && StartTime is not null;

    /// <summary>What keeps it from being ready; null when it is.</summary>
    public string? Missing => this switch
    {
        { Failure: { } failure } => failure,
        { Ready: true } => null,
        { Running: false } => Message.Length > 0 ? $"its engine does not run: {Message}" : "its engine does not run",
        _ => "its engine does not listen yet",
    };
}
