using GpuStack.EndToEnd.Kubectl;
using GpuStack.EndToEnd.Trimming;

namespace GpuStack.EndToEnd.Plugin;

/// <summary>A folder for PATH as a user has it: the program under the plugin's name, and the file that kubectl asks for completions.</summary>
public sealed class PluginFolder : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plugin").FullName;
    private string? _kubectl;

    public async ValueTask InitializeAsync()
    {
        _kubectl = KubectlTool.Find();
        Assert.SkipWhen(_kubectl is null, "kubectl is not installed; ./test brings it");
        // Of a program that is not published only the starter bears its name; what it starts lies beside it.
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
        {
            File.CreateSymbolicLink(Path.Combine(_folder, Path.GetFileName(file)), file);
        }

        string plugin = Path.Combine(_folder, "kubectl-gpustack");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "gpustack-operator"), plugin);
        (int code, string script, string error) = await PublishedProgram.RunAsync(plugin, [], "completion", "kubectl");
        Assert.True(code == 0, error);
        string asked = Path.Combine(_folder, "kubectl_complete-gpustack");
        await File.WriteAllTextAsync(asked, script);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(asked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs kubectl without a cluster.</summary>
    internal Task<(int Code, string Output, string Error)> KubectlAsync(params string[] arguments) => RunAsync(_kubectl!, arguments);

    /// <summary>Runs a program that finds the plugin.</summary>
    internal Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments) => PublishedProgram.RunAsync(
        program, [("PATH", $"{_folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}"), ("KUBECONFIG", "/dev/null")], arguments);
}
