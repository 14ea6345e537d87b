namespace GpuStack.Operator.Supervision.Status;

/// <summary>What came of asking another supervisor: one of both is null.</summary>
/// <param name="Failure">Why there was no answer, without a full stop.</param>
/// <param name="Document">Its status; members that JSON left out or set to null are null whatever their type says.</param>
internal sealed record StatusAnswer(string? Failure, StatusDocument? Document)
{
    private const int MaxMessage = 300;

    /// <summary>Text of another supervisor for our own messages: one line, bounded.</summary>
    public static string Plain(string? text) => new([.. (text ?? "").Where(c => !char.IsControl(c)).Take(MaxMessage)]);
}
