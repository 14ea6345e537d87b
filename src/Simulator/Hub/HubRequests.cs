using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.Hub;

/// <summary>
/// Answers the hub's requests. A large file is a pair of answers: <c>resolve</c> checks access, tells commit, size and
/// digest, and redirects to the storage path, which serves the bytes.
/// </summary>
internal sealed class HubRequests(IReadOnlyList<HubFile> files, ModelHubOptions options)
{
    private const string StoragePrefix = "/storage/";
    private readonly ILookup<string, HubFile> _byRepository = files.ToLookup(f => f.Repository, StringComparer.Ordinal);
    private long _bytes;
    private long _count;

    public long BytesServed => Interlocked.Read(ref _bytes);

    public long Count => Interlocked.Read(ref _count);

    public Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _count);
        var path = context.Request.Path.Value ?? "";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, null, "Method not allowed");
        if (path.StartsWith(StoragePrefix, StringComparison.Ordinal))
            return StorageAsync(context, path[StoragePrefix.Length..]);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", "models", var owner, var repo, ..] && (parts.Length == 4 || (parts.Length == 6 && parts[4] == "revision")))
            return DescribeAsync(context, $"{owner}/{repo}", parts.Length == 6 ? parts[5] : "main");
        if (parts is ["api", "models", var account, var name, "tree", var revision])
            return ListAsync(context, $"{account}/{name}", revision, modelScope: false);
        if (parts is ["api", "v1", "models", var group, var model, "repo", "files"])
            return ListAsync(context, $"{group}/{model}", context.Request.Query["Revision"].FirstOrDefault() ?? "master", modelScope: true);
        // ModelScope has its repositories below models/.
        if (parts is ["models", _, _, "resolve", ..])
            parts = parts[1..];
        return parts.Length >= 5 && parts[2] == "resolve"
            ? ResolveAsync(context, $"{parts[0]}/{parts[1]}", parts[3], string.Join('/', parts[4..]))
            : RefuseAsync(context, StatusCodes.Status404NotFound, null, "Not found");
    }

    private Task ResolveAsync(HttpContext context, string repository, string revision, string name)
    {
        if (Refusal(context, repository) is { } refusal)
            return RefuseAsync(context, refusal.Status, refusal.Code, refusal.Message);
        var ofRevision = _byRepository[repository].Where(f => f.Revision == revision || f.Commit == revision).ToArray();
        if (ofRevision.Length == 0)
            return RefuseAsync(context, StatusCodes.Status404NotFound, "RevisionNotFound", $"Invalid rev id: {revision}");
        var headers = context.Response.Headers;
        headers["X-Repo-Commit"] = ofRevision[0].Commit;
        if (ofRevision.FirstOrDefault(f => f.File == name) is not { } file)
            return RefuseAsync(context, StatusCodes.Status404NotFound, "EntryNotFound", "Entry not found");
        headers["X-Linked-Size"] = file.SizeBytes.ToString();
        headers["X-Linked-ETag"] = Quoted(file);
        headers.AcceptRanges = "bytes";
        headers.ETag = Quoted(file);
        if (!options.RedirectToStorage)
            return ServeAsync(context, file);
        context.Response.StatusCode = StatusCodes.Status302Found;
        headers.Location = $"{context.Request.Scheme}://{context.Request.Host}{StoragePrefix}{files.ToList().IndexOf(file)}/{file.ETag}";
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private Task StorageAsync(HttpContext context, string key)
    {
        var parts = key.Split('/');
        var known = parts.Length == 2 && int.TryParse(parts[0], out var index) && index >= 0 && index < files.Count && files[index].ETag == parts[1]
            ? files[index] : null;
        return known is null ? RefuseAsync(context, StatusCodes.Status403Forbidden, null, "Access denied") : ServeAsync(context, known);
    }

    private async Task ServeAsync(HttpContext context, HubFile file)
    {
        var response = context.Response;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ETag = Quoted(file);
        response.ContentType = "application/octet-stream";
        // A part of another version than the reader has begun with would be worthless (RFC 9110, If-Range).
        var ifRange = context.Request.Headers.IfRange.ToString();
        var asked = ifRange.Length == 0 || ifRange == Quoted(file) ? context.Request.Headers.Range.ToString() : null;
        if (!ByteRange.TryRead(asked, file.SizeBytes, out var range))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{file.SizeBytes}";
            response.ContentLength = 0;
            return;
        }
        var part = range ?? new ByteRange(0, file.SizeBytes);
        response.ContentLength = part.Length;
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {part.Start}-{part.Start + part.Length - 1}/{file.SizeBytes}";
        }
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        try
        {
            await FileContent.WriteAsync(file, part, response.Body, n => Interlocked.Add(ref _bytes, n), context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The reader has enough.
        }
    }

    private Task ListAsync(HttpContext context, string repository, string revision, bool modelScope)
    {
        if (Refusal(context, repository) is { } refusal)
            return RefuseAsync(context, refusal.Status, refusal.Code, refusal.Message);
        var known = _byRepository[repository].Where(f => f.Revision == revision || f.Commit == revision).ToArray();
        if (modelScope)
            return HubListings.ModelScopeAsync(context, known);
        return known.Length == 0
            ? RefuseAsync(context, StatusCodes.Status404NotFound, "RevisionNotFound", $"Invalid rev id: {revision}")
            : HubListings.TreeAsync(context, known);
    }

    private Task DescribeAsync(HttpContext context, string repository, string revision)
    {
        if (Refusal(context, repository) is { } refusal)
            return RefuseAsync(context, refusal.Status, refusal.Code, refusal.Message);
        var known = _byRepository[repository].Where(f => f.Revision == revision || f.Commit == revision).ToArray();
        if (known.Length == 0)
            return RefuseAsync(context, StatusCodes.Status404NotFound, "RevisionNotFound", $"Invalid rev id: {revision}");
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject
        {
            ["id"] = repository,
            ["sha"] = known[0].Commit,
            ["private"] = false,
            ["gated"] = options.GatedRepositories.ContainsKey(repository),
            ["siblings"] = new JsonArray([.. known.Select(f => new JsonObject { ["rfilename"] = f.File })]),
        }.ToJsonString(), context.RequestAborted);
    }

    /// <summary>Unknown repositories look like private ones, as on Hugging Face.</summary>
    private (int Status, string Code, string Message)? Refusal(HttpContext context, string repository)
    {
        if (!_byRepository.Contains(repository))
            return (StatusCodes.Status401Unauthorized, "RepoNotFound", "Invalid username or password.");
        if (!options.GatedRepositories.TryGetValue(repository, out var token))
            return null;
        var given = context.Request.Headers.Authorization.ToString();
        if (given.Length == 0)
            return (StatusCodes.Status401Unauthorized, "GatedRepo", $"Access to model {repository} is restricted. You must be authenticated to access it.");
        return given == $"Bearer {token}" ? null
            : (StatusCodes.Status403Forbidden, "GatedRepo", $"Access to model {repository} is restricted and you are not in the authorized list.");
    }

    private static string Quoted(HubFile file) => $"\"{file.ETag}\"";

    private static Task RefuseAsync(HttpContext context, int status, string? code, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (code is not null)
            context.Response.Headers["X-Error-Code"] = code;
        context.Response.Headers["X-Error-Message"] = message;
        return context.Response.WriteAsync(message, context.RequestAborted);
    }
}
