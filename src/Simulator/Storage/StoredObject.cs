using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// One version of one object. It never changes: a write makes a new <see cref="StoredObject"/>, so that lists, watches and
/// simulated controllers share versions without copying, and every version is serialized once.
/// <para>
/// What is kept is the text and its index. Nodes are made of it level by level, as far as somebody looks: a version that nobody
/// looks into costs little memory, and a copy shares with its version whatever nobody changes.
/// </para>
/// </summary>
public sealed class StoredObject
{
    private static readonly FrozenDictionary<string, string> NoLabels = FrozenDictionary<string, string>.Empty;
    private readonly byte[] _utf8;
    private readonly JsonElement _content;
    private JsonObject? _body;
    private IReadOnlyDictionary<string, string>? _labels;
    private object? _view;

    internal StoredObject(ResourceDefinition definition, JsonObject body, long resourceVersion)
    {
        Definition = definition;
        ResourceVersion = resourceVersion;
        _utf8 = JsonText.ToUtf8(body);
        _content = JsonText.Parse(_utf8);
        var metadata = (JsonObject)body["metadata"]!;
        Name = (string)metadata["name"]!;
        Namespace = (string?)metadata["namespace"];
        Uid = (string)metadata["uid"]!;
    }

    /// <summary>The resource it belongs to.</summary>
    public ResourceDefinition Definition { get; }

    /// <summary>The object. Read only: take <see cref="ToMutable"/> to make a changed version.</summary>
    public JsonObject Body => _body ??= ToMutable();

    /// <summary><c>metadata</c> of <see cref="Body"/>; read only.</summary>
    public JsonObject Metadata => (JsonObject)Body["metadata"]!;

    /// <summary><c>metadata.name</c>.</summary>
    public string Name { get; }

    /// <summary><c>metadata.namespace</c>, null for cluster-scoped objects.</summary>
    public string? Namespace { get; }

    /// <summary><c>metadata.uid</c>.</summary>
    public string Uid { get; }

    /// <summary><c>metadata.resourceVersion</c> as a number.</summary>
    public long ResourceVersion { get; }

    /// <summary>Whether <c>metadata.deletionTimestamp</c> is set.</summary>
    public bool IsBeingDeleted => Metadata["deletionTimestamp"] is not null;

    /// <summary><c>metadata.labels</c>, parsed once.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels ??= ReadLabels();

    /// <summary>The object as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8;

    /// <summary>A deep copy that the caller may change.</summary>
    public JsonObject ToMutable() => JsonObject.Create(_content)!;

    /// <summary>Whether a body means the same, whatever the order of its fields.</summary>
    internal bool IsSame(JsonObject body)
    {
        var text = JsonText.ToUtf8(body);
        return text.AsSpan().SequenceEqual(_utf8) || JsonElement.DeepEquals(JsonText.Parse(text), _content);
    }

    /// <summary>Whether a field means the same as <paramref name="value"/>.</summary>
    internal bool IsSame(string field, JsonNode? value)
    {
        if (!_content.TryGetProperty(field, out var mine))
            return value is null;
        if (value is null)
            return mine.ValueKind == JsonValueKind.Null;
        var text = JsonText.ToUtf8(value);
        return text.AsSpan().SequenceEqual(JsonMarshal.GetRawUtf8Value(mine)) || JsonElement.DeepEquals(JsonText.Parse(text), mine);
    }

    /// <summary>Something derived from this version and cached with it; one kind of view an object.</summary>
    internal T View<T>(Func<StoredObject, T> create) where T : class
    {
        if (_view is T view)
            return view;
        view = create(this);
        _view = view;
        return view;
    }

    private IReadOnlyDictionary<string, string> ReadLabels()
    {
        if (Metadata["labels"] is not JsonObject { Count: > 0 } labels)
            return NoLabels;
        var read = new Dictionary<string, string>(labels.Count, StringComparer.Ordinal);
        foreach (var (key, value) in labels)
            read[key] = (string?)value ?? "";
        return read;
    }
}
