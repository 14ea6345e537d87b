using System.Runtime.InteropServices;

namespace GpuStack.EndToEnd.Trimming;

/// <summary>
/// The operator, published as for its image but without native code, whose compilation takes a minute more and changes nothing of what is
/// left out. The folder is kept, as that of <see cref="PublishedProgram"/>.
/// </summary>
public sealed class PublishedOperator : IAsyncLifetime
{
    private static string Folder => Repository.PathOf("tests", "EndToEnd", "obj", "published");

    /// <summary>What dotnet said; it ends with the errors when there are any.</summary>
    internal string Log { get; private set; } = "";

    internal bool Succeeded { get; private set; }

    internal static string Program => Path.Combine(Folder, "program", "gpustack-operator");

    public async ValueTask InitializeAsync()
    {
        (int code, Log, string error) = await PublishedProgram.RunAsync(
            "dotnet", [],
            "publish", Repository.PathOf("src", "Operator"), "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier,
            "--artifacts-path", Folder, "--output", Path.Combine(Folder, "program"), "--verbosity", "minimal",
            "-property:PublishReadyToRun=false", "-property:DebugType=none", "-property:RunAnalyzers=false",
            "-nodeReuse:false", "-property:UseSharedCompilation=false");
        Log += error;
        Succeeded = code == 0;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
