using System.Diagnostics;
using System.Text.Json;

namespace GpuStack.Benchmarks.Soak;

/// <summary>The server in a process of its own, so that this process's memory is the client's.</summary>
internal sealed class SoakServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http = new();

    private SoakServerProcess(Process process) => _process = process;

    /// <summary>The server that streams lists, and the one that does not.</summary>
    public IReadOnlyList<Uri> Urls { get; private set; } = [];

    public static async Task<SoakServerProcess> StartAsync(SoakOptions options, CancellationToken cancellationToken)
    {
        // Started by "dotnet run" this is the program's own host, started by "dotnet FILE" it is dotnet.
        string host = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(SoakServerProcess).Assembly.Location] : [];
        var start = new ProcessStartInfo(host, [.. self, SoakServer.Command, .. options.ToArguments()])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var server = new SoakServerProcess(Process.Start(start)!);
        string line = await server._process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new IOException("The soak's server ended before it told its addresses.");
        server.Urls = [.. line.Split(' ').Select(url => new Uri(url))];
        return server;
    }

    public Task<IReadOnlyDictionary<string, double>> StartChangesAsync(CancellationToken cancellationToken) => AskAsync("start", cancellationToken);

    /// <summary>From now on nothing fails.</summary>
    public Task<IReadOnlyDictionary<string, double>> CalmAsync(CancellationToken cancellationToken) => AskAsync("calm", cancellationToken);

    public Task<IReadOnlyDictionary<string, double>> StateAsync(CancellationToken cancellationToken) => AskAsync("state", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<IReadOnlyDictionary<string, double>> AskAsync(string what, CancellationToken cancellationToken)
    {
        await using Stream body = await _http.GetStreamAsync(new Uri(Urls[0], $"control/{what}"), cancellationToken);
        using JsonDocument state = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return state.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetDouble());
    }
}
