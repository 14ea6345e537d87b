using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Sources;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Modeling.Tests.Hubs.Oci;

/// <summary>A registry of one repository, <c>models/tiny</c>, with tokens, and blobs that it redirects to a storage for.</summary>
internal sealed class FakeRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _content = new(StringComparer.Ordinal);
    private readonly JsonArray _layers = [];
    private WebServer _server = null!;
    private WebServer _storage = null!;
    private int _tokens;

    /// <summary>How often a token opens the registry before it expires.</summary>
    public int RequestsOfToken { get; init; } = int.MaxValue;

    /// <summary>The login that the server for tokens wants, as its header; null for anybody.</summary>
    public string? Login { get; init; }

    /// <summary>Asks for the login itself instead of a token.</summary>
    public bool AsksForBasic { get; init; }

    public string Name => _server.Address.Authority;

    public IEnumerable<(string Path, string Range, string Authorization)> Requests => _server.Requests;

    public IEnumerable<(string Path, string Range, string Authorization)> StorageRequests => _storage.Requests;

    /// <summary>The digest of the manifest <c>latest</c>.</summary>
    public string Digest { get; private set; } = "";

    public static async Task<FakeRegistry> StartAsync(FakeRegistry? registry = null)
    {
        registry ??= new FakeRegistry();
        int uses = 0;
        registry._storage = await WebServer.StartAsync(context => WebServer.File(registry._content[$"sha256:{context.Request.Path.Value![1..]}"])(context));
        registry._server = await WebServer.StartAsync(context =>
        {
            string path = context.Request.Path.Value!;
            string authorization = context.Request.Headers.Authorization.ToString();
            if (path == "/token")
            {
                uses = 0;
                bool allowed = registry.Login is null || authorization == registry.Login;
                context.Response.StatusCode = allowed ? 200 : 401;
                return Results.Json(
                    allowed ? new JsonObject { ["token"] = $"token{++registry._tokens}-{context.Request.Query["service"]}-{context.Request.Query["scope"]}" } : [],
                    statusCode: context.Response.StatusCode).ExecuteAsync(context);
            }

            string wanted = registry.AsksForBasic ? registry.Login! : $"Bearer token{registry._tokens}-me-repository:models/tiny:pull";
            if (authorization != wanted || uses++ >= registry.RequestsOfToken)
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = registry.AsksForBasic
                    ? "Basic realm=\"registry\""
                    : $"Bearer realm=\"http://{context.Request.Host}/token\",service=\"me\",scope=\"repository:models/tiny:pull\"";
                return Task.CompletedTask;
            }

            if (path.StartsWith("/v2/models/tiny/blobs/sha256:", StringComparison.Ordinal))
            {
                context.Response.Redirect(new Uri(registry._storage.Address, path[(path.LastIndexOf(':') + 1)..]).AbsoluteUri);
                return Task.CompletedTask;
            }

            string reference = path[(path.LastIndexOf('/') + 1)..];
            return path.StartsWith("/v2/models/tiny/manifests/", StringComparison.Ordinal) && registry._content.TryGetValue(reference, out byte[]? manifest)
                ? context.Response.Body.WriteAsync(manifest).AsTask()
                : Task.FromResult(context.Response.StatusCode = 404);
        });
        return registry;
    }

    public ModelLocation Location(string reference = ":latest", string file = "") => ModelLocation.Parse($"oci://{Name}/models/tiny{reference}{file}");

    /// <summary>Pushes a layer, and the manifest with it under <c>latest</c>.</summary>
    public FakeRegistry Push(string mediaType, byte[] content, string? title = null)
    {
        string digest = Store(content);
        _layers.Add(new JsonObject
        {
            ["mediaType"] = mediaType,
            ["digest"] = digest,
            ["size"] = content.Length,
            ["annotations"] = title is null ? null : new JsonObject { ["org.cncf.model.filepath"] = title },
        });
        return PushManifest(new JsonObject { ["schemaVersion"] = 2, ["layers"] = _layers.DeepClone() }.ToJsonString());
    }

    /// <summary>Pushes an index under <c>latest</c> that leads to the manifest that was there.</summary>
    public FakeRegistry PushIndex() => PushManifest(
        $$"""
        {"manifests":[{"digest":"sha256:{{new string('0', 64)}}","platform":{"os":"unknown","architecture":"unknown"} },
        {"digest":"{{Digest}}","platform":{"os":"linux","architecture":"arm64"} }]}
        """);

    public FakeRegistry PushManifest(string manifest)
    {
        Digest = Store(Encoding.UTF8.GetBytes(manifest));
        _content["latest"] = _content[Digest];
        return this;
    }

    /// <summary>Replaces the content behind a digest, as somebody on the way would.</summary>
    public void Forge(string digest, byte[] content) => _content[digest] = content;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private string Store(byte[] content)
    {
        string digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
        _content[digest] = content;
        return digest;
    }
}
