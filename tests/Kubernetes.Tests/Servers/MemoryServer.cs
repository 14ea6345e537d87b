using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>
/// Just enough of an API server behind a <see cref="ScriptedServer"/> to reconcile against: objects by path, get, list,
/// create, put with the optimistic lock and merge patches of metadata; watches are written to by the test's own changes.
/// </summary>
internal sealed class MemoryServer
{
    private readonly Lock _lock = new();
    private readonly ScriptedServer _server;
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WatchSession> _watches = new();
    private int _version = 100;

    public MemoryServer(ScriptedServer server)
    {
        _server = server;
        server.Answer = Handle;
    }

    /// <summary>What to answer instead; null for the ordinary answer.</summary>
    public Func<RecordedRequest, ScriptedAnswer?> Intercept { get; set; } = _ => null;

    /// <summary>Takes the watches that were opened; one per collection.</summary>
    public async Task AcceptWatchesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var watch = await _server.WatchAsync();
            _watches[watch.Request.Path] = watch;
        }
    }

    public JsonObject Get(string path)
    {
        lock (_lock) return _objects[path].DeepClone().AsObject();
    }

    /// <summary>Stores an object without telling any watch.</summary>
    public void Seed(string collection, string json)
    {
        lock (_lock)
        {
            var entity = JsonNode.Parse(json)!.AsObject();
            Stamp(entity);
            _objects[$"{collection}/{entity["metadata"]!["name"]}"] = entity;
        }
    }

    /// <summary>Takes an object away without telling any watch.</summary>
    public void Remove(string path)
    {
        lock (_lock) _objects.Remove(path);
    }

    /// <summary>Stores an object and tells the watch of <paramref name="watched"/>.</summary>
    public async Task ChangeAsync(string watched, string collection, string type, string json)
    {
        string text;
        lock (_lock)
        {
            var entity = JsonNode.Parse(json)!.AsObject();
            Stamp(entity);
            var path = $"{collection}/{entity["metadata"]!["name"]}";
            if (type == "DELETED") _objects.Remove(path);
            else _objects[path] = entity;
            text = entity.ToJsonString();
        }

        await _watches[watched].SendAsync(type, text);
    }

    /// <summary>Tells the watch what the object is now.</summary>
    public Task TellAsync(string watched, string type, string path) => _watches[watched].SendAsync(type, Get(path).ToJsonString());

    private void Stamp(JsonObject entity) => entity["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);

    private ScriptedAnswer? Handle(RecordedRequest request)
    {
        if (Intercept(request) is { } answer) return answer;
        lock (_lock)
        {
            switch (request.Method)
            {
                case "POST":
                    var created = request.Json.AsObject();
                    var path = $"{request.Path}/{created["metadata"]!["name"]}";
                    if (_objects.ContainsKey(path)) return ScriptedAnswer.Failure(409, "AlreadyExists", $"\"{path}\" already exists");
                    Stamp(created);
                    _objects[path] = created;
                    return ScriptedAnswer.Ok(created.ToJsonString());
                case "GET" when _objects.TryGetValue(request.Path, out var found):
                    return ScriptedAnswer.Ok(found.ToJsonString());
                case "GET" when !request.Path.EndsWith('s'):
                    return ScriptedAnswer.NotFound(request.Path);
                case "GET":
                    var plural = request.Path[request.Path.LastIndexOf('/')..];
                    var items = _objects.Where(o => o.Key.Contains(plural + "/", StringComparison.Ordinal)).Select(o => o.Value.ToJsonString());
                    return ScriptedAnswer.List("X", "v1", _version.ToString(CultureInfo.InvariantCulture), null, [.. items]);
                case "PUT" or "PATCH" when _objects.TryGetValue(request.Path, out var stored):
                    var sent = request.Json.AsObject();
                    var version = sent["metadata"]?["resourceVersion"]?.ToString();
                    if (version is not null && version != stored["metadata"]!["resourceVersion"]!.ToString()) return ScriptedAnswer.Conflict(request.Path);
                    var next = request.Method == "PUT" ? sent : Merge(stored, sent);
                    Stamp(next);
                    _objects[request.Path] = next;
                    return ScriptedAnswer.Ok(next.ToJsonString());
                default:
                    return ScriptedAnswer.NotFound(request.Path);
            }
        }
    }

    private static JsonObject Merge(JsonObject stored, JsonObject patch)
    {
        var result = stored.DeepClone().AsObject();
        foreach (var (name, value) in patch)
        {
            if (value is null) result.Remove(name);
            else result[name] = value is JsonObject inner && result[name] is JsonObject old ? Merge(old, inner) : value.DeepClone();
        }

        return result;
    }
}
