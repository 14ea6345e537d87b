using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GpuStack.RealEngines.Groups;

/// <summary>A user of the group's API.</summary>
internal sealed class CompletionClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>Asks for a number of tokens, and returns how many came.</summary>
    /// <exception cref="HttpRequestException">The request failed.</exception>
    public async Task<int> CompleteAsync(int tokens, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync("/v1/completions", Request(tokens, stream: false), cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return (int)answer!["usage"]!["completion_tokens"]!;
    }

    /// <summary>Begins an answer that is longer than any test, and returns once some of it came.</summary>
    public async Task<Generation> BeginAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(Request(tokens: 16_000, stream: true)) };
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        var generation = new Generation(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
        await generation.ReadAsync(chunks: 5, cancellationToken);
        return generation;
    }

    /// <summary>The numbers of a text's tokens.</summary>
    public async Task<int[]> TokenizeAsync(string text, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync("/tokenize", new JsonObject { ["content"] = text }, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return [.. answer!["tokens"]!.AsArray().Select(token => (int)token!)];
    }

    public void Dispose() => _http.Dispose();

    private static JsonObject Request(int tokens, bool stream) => new()
    {
        ["prompt"] = "hello world",
        ["max_tokens"] = tokens,
        ["temperature"] = 0,
        ["ignore_eos"] = true,
        ["stream"] = stream,
    };
}
