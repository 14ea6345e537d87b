using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Sources;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Modeling.Tests.Hubs;

/// <summary>A hub of one repository, <c>owner/repo</c>, that answers as Hugging Face and ModelScope do.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private WebServer _server = null!;

    /// <summary>The files by their paths.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What the branch means now.</summary>
    public string Head { get; set; } = Commit;

    /// <summary>Entries of one page of the tree.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>A token that every request must have; null for a public repository.</summary>
    public string? Token { get; init; }

    /// <summary>Answers instead of the hub, where it says so.</summary>
    public Func<HttpContext, bool> Instead { get; set; } = _ => false;

    public Uri Address => _server.Address;

    /// <summary>Path and query of every request so far.</summary>
    public IEnumerable<string> Requests => _server.Requests.Select(request => request.Path);

    public IEnumerable<string> Authorizations => _server.Requests.Select(request => request.Authorization);

    public ModelHubSettings Settings => new() { HuggingFaceEndpoint = Address, ModelScopeEndpoint = Address };

    public static async Task<FakeHub> StartAsync(FakeHub hub)
    {
        hub._server = await WebServer.StartAsync(hub.AnswerAsync);
        return hub;
    }

    public static Task<FakeHub> StartAsync(params string[] files)
    {
        var hub = new FakeHub();
        foreach (string file in files)
        {
            hub.Files[file] = "content"u8.ToArray();
        }

        return StartAsync(hub);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        if (Instead(context))
        {
            return Task.CompletedTask;
        }

        if (Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.Headers["X-Error-Code"] = "GatedRepo";
            context.Response.StatusCode = context.Request.Headers.Authorization.Count == 0 ? 401 : 403;
            return Task.CompletedTask;
        }

        return path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["api", "models", "owner", "repo", "revision", var revision] when Knows(revision) => Results.Json(new JsonObject { ["sha"] = Head }).ExecuteAsync(context),
            ["api", "models", "owner", "repo", "tree", var revision] when Knows(revision) => TreeAsync(context),
            ["api", "v1", "models", "owner", "repo", "repo", "files"] => ModelScopeAsync(context),
            ["owner", "repo", "resolve", var revision, .. var file] when Knows(revision) => FileAsync(context, string.Join('/', file)),
            ["models", "owner", "repo", "resolve", _, .. var file] => FileAsync(context, string.Join('/', file)),
            _ => RefuseAsync(context, "RevisionNotFound"),
        };
    }

    private bool Knows(string revision) => revision == "main" || revision == Head;

    private Task FileAsync(HttpContext context, string file)
    {
        context.Response.Headers["X-Repo-Commit"] = Head;
        return Files.TryGetValue(file, out byte[]? bytes) ? WebServer.File(bytes)(context) : RefuseAsync(context, "EntryNotFound");
    }

    private Task TreeAsync(HttpContext context)
    {
        int start = int.Parse(context.Request.Query["cursor"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        if (start + PageSize < Files.Count)
        {
            context.Response.Headers.Link =
                $"<{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}?recursive=true&cursor={start + PageSize}>; rel=\"next\"";
        }

        return Results.Json(new JsonArray(
        [
            new JsonObject { ["type"] = "directory", ["path"] = "folder.gguf", ["size"] = 0 },
            .. Files.Skip(start).Take(PageSize).Select(file => new JsonObject { ["type"] = "file", ["path"] = file.Key, ["size"] = file.Value.Length, ["oid"] = "1" }),
        ])).ExecuteAsync(context);
    }

    private Task ModelScopeAsync(HttpContext context)
    {
        bool known = context.Request.Query["Revision"] == "master" || context.Request.Query["Revision"] == Head;
        JsonNode? files = known
            ? new JsonArray(
            [
                new JsonObject { ["Type"] = "tree", ["Path"] = "folder.gguf", ["Size"] = 0 },
                .. Files.Select(file => new JsonObject
                {
                    ["Type"] = "blob", ["Path"] = file.Key, ["Size"] = file.Value.Length, ["Revision"] = Head, ["Sha256"] = "1",
                }),
            ])
            : null;
        return Results.Json(new JsonObject
        {
            ["Code"] = 200,
            ["Success"] = true,
            ["Data"] = new JsonObject { [nameof(Files)] = files, ["LatestCommitter"] = new JsonObject { ["Id"] = "", ["ShortId"] = Head[..8] } },
        }).ExecuteAsync(context);
    }

    private static Task RefuseAsync(HttpContext context, string code)
    {
        context.Response.StatusCode = 404;
        context.Response.Headers["X-Error-Code"] = code;
        return Task.CompletedTask;
    }
}
