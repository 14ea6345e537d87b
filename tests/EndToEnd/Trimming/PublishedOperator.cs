namespace GpuStack.EndToEnd.Trimming;

/// <summary>
/// The operator, published and laid out by the steps of the Dockerfile, but without native code, whose compilation takes a minute more and
/// changes nothing of what is left out. <c>scripts/check-image.sh</c> does it, and looks at what the image would hold. The folder is kept, as
/// that of <see cref="PublishedProgram"/>.
/// </summary>
public sealed class PublishedOperator : IAsyncLifetime
{
    private static string Folder => Repository.PathOf("tests", "EndToEnd", "obj", "published");

    /// <summary>What the script said; it ends with the errors when there are any.</summary>
    internal string Log { get; private set; } = "";

    internal bool Succeeded { get; private set; }

    /// <summary>The folder of the image that holds the program.</summary>
    internal static string Image => Path.Combine(Folder, "image");

    internal static string Program => Path.Combine(Image, "gpustack-operator");

    /// <summary>What restore has resolved.</summary>
    internal static string Assets => Path.Combine(Folder, "build", "src", "Operator", "obj", "project.assets.json");

    public async ValueTask InitializeAsync()
    {
        (int code, Log, string error) = await PublishedProgram.RunAsync(
            Repository.PathOf("scripts", "check-image.sh"), [],
            "--folder", Folder, "-property:PublishReadyToRun=false", "-property:RunAnalyzers=false",
            "-nodeReuse:false", "-property:UseSharedCompilation=false");
        Log += error;
        Succeeded = code == 0;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
