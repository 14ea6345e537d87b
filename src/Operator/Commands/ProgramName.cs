namespace GpuStack.Operator.Commands;

/// <summary>The name that the usage shows: the file called <c>kubectl-gpustack</c> is the kubectl plugin.</summary>
internal static class ProgramName
{
    private const string Plugin = "kubectl-gpustack";

    public static string Of(string programFile) =>
        new[] { programFile, Environment.ProcessPath }.Any(file => Path.GetFileNameWithoutExtension(file) is Plugin)
            ? "kubectl gpustack"
            : "gpustack-operator";
}
