using GpuStack.Entities.Manifests;

namespace GpuStack.Operator.Commands;

/// <summary>What the user reads of a failure, and the exit code it ends in.</summary>
internal static class FailureReport
{
    public static (int ExitCode, string Sentence) Of(Exception exception) => exception switch
    {
        InputException => (ExitCodes.WrongInput, exception.Message),
        ManifestException => (ExitCodes.WrongInput, exception.Message),
        WorkFailedException => (ExitCodes.WorkFailed, exception.Message),
        FileNotFoundException { FileName: { } file } => (ExitCodes.WrongInput, $"{file}: no such file; check the path."),
        DirectoryNotFoundException => (ExitCodes.WrongInput, exception.Message),
        UnauthorizedAccessException => (ExitCodes.WrongInput, exception.Message),
        // Anything else is a defect of ours: the stack is what its report needs.
        _ => (ExitCodes.WorkFailed, exception.ToString()),
    };
}
