namespace GpuStack.Simulator.Hub;

/// <summary>How a simulated model hub serves.</summary>
public sealed record ModelHubOptions
{
    /// <summary>The folder with <c>index.json</c> and the files as <c>OWNER/REPO/FILE</c>.</summary>
    public required string Directory { get; init; }

    /// <summary>TCP port on the loopback interface; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Send readers on to another path with 302, as Hugging Face does for large files.</summary>
    public bool RedirectToStorage { get; init; } = true;

    /// <summary>Repositories (<c>owner/repo</c>) that only a bearer token opens.</summary>
    public IReadOnlyDictionary<string, string> GatedRepositories { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
