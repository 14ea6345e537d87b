using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// One version of one object. It never changes: a write makes a new <see cref="StoredObject"/>, so that lists, watches and
/// simulated controllers share versions without copying, and every version is serialized at most once.
/// </summary>
public sealed class StoredObject
{
    private static readonly FrozenDictionary<string, string> NoLabels = FrozenDictionary<string, string>.Empty;
    private byte[]? _utf8;
    private IReadOnlyDictionary<string, string>? _labels;
    private object? _view;

    internal StoredObject(ResourceDefinition definition, JsonObject body, long resourceVersion)
    {
        Definition = definition;
        Body = body;
        ResourceVersion = resourceVersion;
        Metadata = (JsonObject)body["metadata"]!;
        Name = (string)Metadata["name"]!;
        Namespace = (string?)Metadata["namespace"];
        Uid = (string)Metadata["uid"]!;
    }

    /// <summary>The resource it belongs to.</summary>
    public ResourceDefinition Definition { get; }

    /// <summary>The object. Read only: take <see cref="ToMutable"/> to make a changed version.</summary>
    public JsonObject Body { get; }

    /// <summary><c>metadata</c> of <see cref="Body"/>; read only.</summary>
    public JsonObject Metadata { get; }

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

    /// <summary>The object as UTF-8 JSON, serialized once a version.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ??= JsonSerializer.SerializeToUtf8Bytes(Body, JsonText.Options);

    /// <summary>A deep copy that the caller may change.</summary>
    public JsonObject ToMutable() => (JsonObject)Body.DeepClone();

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
