namespace GpuStack.Operator.Inspection;

/// <summary>A model's facts cannot be had.</summary>
internal sealed class InspectionFailedException : Exception
{
    public InspectionFailedException(string reason, string message, bool transient = false, Exception? inner = null)
        : base(message, inner)
    {
        Reason = reason;
        IsTransient = transient;
    }

    /// <summary>A reason of the condition <c>ModelInspected</c>.</summary>
    public string Reason { get; }

    /// <summary>Whether it may go by itself, so that nobody needs to mend anything.</summary>
    public bool IsTransient { get; }
}
