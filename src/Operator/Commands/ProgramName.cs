namespace GpuStack.Operator.Commands;

/// <summary>The name that the program goes by: the file called <c>kubectl-gpustack</c> is the kubectl plugin.</summary>
internal static class ProgramName
{
    /// <summary>The plugin's file.</summary>
    public const string Plugin = "kubectl-gpustack";

    private const string Standalone = "gpustack-operator";

    /// <summary>The name of the file, without a folder and an extension.</summary>
    public static string FileOf(string programFile) =>
        new[] { programFile, Environment.ProcessPath }.Any(file => Path.GetFileNameWithoutExtension(file) is Plugin) ? Plugin : Standalone;

    /// <summary>What a person types: the plugin's name is two words, which the name of a command cannot be.</summary>
    public static string Typed(string file) => file is Plugin ? "kubectl gpustack" : file;
}
