using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands;

/// <summary>What the user reads of a failure, and the exit code it ends in.</summary>
internal static class FailureReport
{
    public static (int ExitCode, string Sentence) Of(Exception exception) => exception switch
    {
        InputException or ManifestException or KubeconfigException or GgufFormatException => (ExitCodes.WrongInput, exception.Message),
        ByteRangeException { IsTransient: false } => (ExitCodes.WrongInput, exception.Message),
        WorkFailedException or ByteRangeException or FetchException => (ExitCodes.WorkFailed, exception.Message),
        FileNotFoundException { FileName: { } file } => (ExitCodes.WrongInput, $"{file}: there is no such file; check the path."),
        DirectoryNotFoundException or UnauthorizedAccessException => (ExitCodes.WrongInput, $"{exception.Message.TrimEnd('.')}; check the path and its permissions."),
        KubernetesException => (ExitCodes.WorkFailed, $"The cluster refuses: {exception.Message}"),
        HttpRequestException => (ExitCodes.WorkFailed, $"The server cannot be reached: {exception.Message}"),
        TimeoutException => (ExitCodes.WorkFailed, $"It took too long: {exception.Message}"),
        TaskCanceledException { InnerException: TimeoutException timeout } => (ExitCodes.WorkFailed, $"It took too long: {timeout.Message}"),
        OperationCanceledException => (ExitCodes.WorkFailed, "Interrupted."),
        // A full disk, a closed pipe.
        IOException => (ExitCodes.WorkFailed, exception.Message),
        // Anything else is a defect of ours: the stack is what its report needs.
        _ => (ExitCodes.WorkFailed, exception.ToString()),
    };
}
