using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Tests.Sources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>
/// A hub of one repository, <c>owner/repo</c>, as Hugging Face and ModelScope serve it, with the true digests; and the same files as a web
/// folder below <c>/web/</c>, with entity tags. What goes wrong is said request by request.
/// </summary>
internal sealed class FetchHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private WebServer _server = null!;

    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Called with the path and the first byte of every request for a file; null: nothing goes wrong.</summary>
    public Func<string, long, Fault?> Faults { get; set; } = (_, _) => null;

    /// <summary>Whether there are listings, or files and nothing else.</summary>
    public bool Lists { get; set; } = true;

    /// <summary>Whether the listing names every file twice.</summary>
    public bool Twice { get; set; }

    /// <summary>Whether files of the web folder have tags.</summary>
    public bool Tags { get; set; } = true;

    public string? Token { get; set; }

    public Uri Address => _server.Address;

    /// <summary>The requests for files: path, first byte, authorization and cookie, If-Range.</summary>
    public ConcurrentQueue<(string File, long From, string Secrets, string IfRange)> Asked { get; } = new();

    public int Requests => _server.Requests.Count;

    public ModelHubSettings Settings => new() { HuggingFaceEndpoint = Address, ModelScopeEndpoint = Address };

    public static async Task<FetchHub> StartAsync(params (string Path, byte[] Content)[] files)
    {
        var hub = new FetchHub();
        foreach ((string path, byte[] content) in files)
        {
            hub.Files[path] = content;
        }

        hub._server = await WebServer.StartAsync(hub.AnswerAsync);
        return hub;
    }

    /// <summary>Bytes that differ everywhere, the same for the same seed.</summary>
    public static byte[] Content(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The faults one after the other, then none.</summary>
    public static Func<string, long, Fault?> InTurn(params Fault[] faults)
    {
        var queue = new ConcurrentQueue<Fault>(faults);
        return (_, _) => queue.TryDequeue(out Fault? fault) ? fault : null;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string GitBlob(byte[] bytes)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {bytes.Length}\0"));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(head);
        hash.AppendData(bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Large files are in git's large file storage.</summary>
    private static bool IsLarge(string path) => path.EndsWith(".gguf", StringComparison.Ordinal) || path.EndsWith(".safetensors", StringComparison.Ordinal);

    private Task AnswerAsync(HttpContext context)
    {
        if (Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.Headers["X-Error-Code"] = "GatedRepo";
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        }

        return context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["api", "models", "owner", "repo", "revision", ..] when Lists => Results.Json(new JsonObject { ["sha"] = Commit }).ExecuteAsync(context),
            ["api", "models", "owner", "repo", "tree", Commit] when Lists => Results.Json(Tree()).ExecuteAsync(context),
            ["api", "v1", "models", "owner", "repo", "repo", "files"] when Lists => Results.Json(ModelScope()).ExecuteAsync(context),
            ["owner", "repo", "resolve", _, .. var file] => FileAsync(context, string.Join('/', file), isHub: true),
            ["models", "owner", "repo", "resolve", _, .. var file] => FileAsync(context, string.Join('/', file), isHub: true),
            ["web", .. var file] => FileAsync(context, string.Join('/', file), isHub: false),
            _ => RefuseAsync(context, 404),
        };
    }

    private JsonArray Tree() => new([.. Files.Concat(Twice ? Files : []).Select(file =>
    {
        var entry = new JsonObject { ["type"] = "file", ["path"] = file.Key, ["size"] = file.Value.Length, ["oid"] = GitBlob(file.Value) };
        if (IsLarge(file.Key))
        {
            entry["oid"] = new string('0', 40);
            entry["lfs"] = new JsonObject { ["oid"] = Sha256(file.Value), ["size"] = file.Value.Length };
        }

        return entry;
    })]);

    private JsonObject ModelScope() => new()
    {
        ["Code"] = 200,
        ["Data"] = new JsonObject
        {
            [nameof(Files)] = new JsonArray([.. Files.Select(file => new JsonObject
            {
                ["Type"] = "blob", ["Path"] = file.Key, ["Size"] = file.Value.Length, ["Revision"] = Commit, ["Sha256"] = Sha256(file.Value),
            })]),
            ["LatestCommitter"] = new JsonObject { ["Id"] = Commit },
        },
    };

    private async Task FileAsync(HttpContext context, string path, bool isHub)
    {
        if (!Files.TryGetValue(path, out byte[]? bytes))
        {
            await RefuseAsync(context, 404, "EntryNotFound");
            return;
        }

        var range = context.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault();
        bool isProbe = range is { From: 0, To: 0 };
        long from = range?.From ?? 0;
        string secrets = context.Request.Headers.Authorization.ToString() + context.Request.Headers.Cookie;
        string tag = $"\"{Sha256(bytes)[..16]}\"";
        if (isHub)
        {
            context.Response.Headers["X-Repo-Commit"] = Commit;
            context.Response.Headers["X-Linked-Etag"] = IsLarge(path) ? $"\"{Sha256(bytes)}\"" : $"\"{GitBlob(bytes)}\"";
        }

        if (isHub || Tags)
        {
            context.Response.Headers.ETag = tag;
        }

        StringValues ifRange = context.Request.Headers.IfRange;
        Fault? fault = null;
        if (!isProbe)
        {
            Asked.Enqueue((path, from, secrets, ifRange.ToString()));
            fault = Faults(path, from);
        }

        if (fault is Fault.IgnoreRange || (ifRange.Count > 0 && ifRange != tag))
        {
            (range, from) = (null, 0);
        }

        switch (fault)
        {
            case Fault.Status status:
                context.Response.Headers.RetryAfter = status.RetryAfter;
                await RefuseAsync(context, status.Code);
                return;
            case Fault.Redirect redirect:
                context.Response.StatusCode = 302;
                context.Response.Headers.Location = redirect.To.AbsoluteUri;
                return;
            case Fault.Corrupt:
                bytes = [.. bytes.Select(value => (byte)~value)];
                break;
            case Fault.TooMuch:
                context.Response.StatusCode = 200;
                await context.Response.Body.WriteAsync(new byte[bytes.Length + 100_000], context.RequestAborted);
                return;
        }

        long to = isProbe ? Math.Min(0, bytes.Length - 1) : bytes.Length - 1;
        if (range is not null)
        {
            context.Response.StatusCode = from < bytes.Length ? 206 : 416;
            context.Response.Headers.ContentRange = from >= bytes.Length ? $"bytes */{bytes.Length}"
                : fault is Fault.WrongRange ? $"bytes {from - 1}-{to}/{bytes.Length}" : $"bytes {from}-{to}/{bytes.Length}";
        }

        if (fault is Fault.WrongRange && range is not null)
        {
            from--;
        }

        if (fault is not Fault.Cut)
        {
            context.Response.ContentLength = Math.Max(0, to - from + 1);
        }

        await BodyAsync(context, bytes.AsMemory((int)Math.Min(from, bytes.Length), (int)Math.Max(0, to - from + 1)), fault);
    }

    private static async Task BodyAsync(HttpContext context, ReadOnlyMemory<byte> body, Fault? fault)
    {
        int end = fault switch { Fault.Cut cut => cut.After, Fault.Reset reset => reset.After, Fault.Stall stall => stall.After, _ => int.MaxValue };
        await context.Response.StartAsync(context.RequestAborted);
        if (end >= body.Length)
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
            return;
        }

        await context.Response.Body.WriteAsync(body[..end], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (fault is Fault.Stall)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        if (fault is not Fault.Cut)
        {
            context.Abort();
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string? code = null)
    {
        context.Response.StatusCode = status;
        if (code is not null)
        {
            context.Response.Headers["X-Error-Code"] = code;
        }

        return Task.CompletedTask;
    }
}
