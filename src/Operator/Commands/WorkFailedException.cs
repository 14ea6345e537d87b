namespace GpuStack.Operator.Commands;

/// <summary>
/// The call was right and its work failed (nothing fits, not Ready, the cluster refused): the message goes to standard error
/// and the program exits with <see cref="ExitCodes.WorkFailed"/>.
/// </summary>
public sealed class WorkFailedException : Exception
{
    /// <summary>Creates the exception with the sentence the user reads.</summary>
    public WorkFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the sentence the user reads and what caused it.</summary>
    public WorkFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
