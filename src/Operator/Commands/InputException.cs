namespace GpuStack.Operator.Commands;

/// <summary>
/// The call or its input is wrong: the program prints <see cref="Exception.Message"/>, one sentence naming file, field and remedy,
/// on standard error and exits with <see cref="ExitCodes.WrongInput"/>.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>Creates the exception with the sentence the user reads.</summary>
    public InputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the sentence the user reads and what caused it.</summary>
    public InputException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
