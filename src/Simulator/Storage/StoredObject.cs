using System.Collections.Frozen;
using System.Globalization;
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
    private readonly JsonElement _content;
    private IReadOnlyDictionary<string, string>? _labels;
    private object? _view;

    internal StoredObject(ResourceDefinition definition, JsonObject body, long resourceVersion)
        : this(definition, new ObjectText(body), resourceVersion)
    {
    }

    /// <summary>Of a text whose resourceVersion is not known until now.</summary>
    internal StoredObject(ResourceDefinition definition, ObjectText text, long resourceVersion)
    {
        text = text.At(resourceVersion);
        Definition = definition;
        ResourceVersion = resourceVersion;
        _content = text.Content;
        var metadata = _content.GetProperty("metadata"u8);
        Name = metadata.GetProperty("name"u8).GetString()!;
        Namespace = metadata.TryGetProperty("namespace"u8, out var scope) ? scope.GetString() : null;
        Uid = metadata.GetProperty("uid"u8).GetString()!;
    }

    private StoredObject(StoredObject previous, JsonElement content, long resourceVersion)
    {
        Definition = previous.Definition;
        (Name, Namespace, Uid) = (previous.Name, previous.Namespace, previous.Uid);
        ResourceVersion = resourceVersion;
        _content = content;
        _labels = previous._labels;
    }

    /// <summary>The resource it belongs to.</summary>
    public ResourceDefinition Definition { get; }

    /// <summary>The object. Read only: take <see cref="ToMutable"/> to make a changed version.</summary>
    public JsonObject Body => ToMutable();

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
    public bool IsBeingDeleted => _content.GetProperty("metadata"u8).TryGetProperty("deletionTimestamp"u8, out var time) && time.ValueKind != JsonValueKind.Null;

    /// <summary><c>metadata.labels</c>, parsed once.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels ??= ReadLabels();

    /// <summary>The object as UTF-8 JSON.</summary>
    public ReadOnlySpan<byte> Utf8 => JsonMarshal.GetRawUtf8Value(_content);

    /// <summary>The object, to read a few of its fields: it makes no nodes.</summary>
    internal JsonElement Content => _content;

    /// <summary>A deep copy that the caller may change.</summary>
    public JsonObject ToMutable() => JsonObject.Create(_content)!;

    /// <summary>Whether a body means the same, whatever the order of its fields.</summary>
    internal bool IsSame(JsonObject body) => IsSame(new ObjectText(body));

    /// <inheritdoc cref="IsSame(JsonObject)"/>
    internal bool IsSame(ObjectText other) => other.Utf8.SequenceEqual(Utf8) || JsonElement.DeepEquals(other.Content, _content);

    /// <summary>The next version, which differs in nothing but its status.</summary>
    /// <param name="status">The status as JSON; empty for none.</param>
    /// <param name="resourceVersion">Its version.</param>
    internal StoredObject WithStatus(byte[] status, long resourceVersion) => new(
        this,
        JsonText.ToElement((Content: _content, Status: status, Version: resourceVersion), static (writer, next) =>
        {
            writer.WriteStartObject();
            foreach (var field in next.Content.EnumerateObject())
            {
                if (field.NameEquals("metadata"u8))
                    WriteMetadata(writer, field.Value, next.Version);
                else if (!field.NameEquals("status"u8))
                    WriteRaw(writer, field);
            }
            if (next.Status.Length > 0)
            {
                writer.WritePropertyName("status"u8);
                writer.WriteRawValue(next.Status, skipInputValidation: true);
            }
            writer.WriteEndObject();
        }),
        resourceVersion);

    /// <summary>Whether the status means the same as a text; an empty one is none.</summary>
    internal bool HasStatus(byte[] status)
    {
        if (!_content.TryGetProperty("status"u8, out var mine))
            return status.Length == 0;
        return status.AsSpan().SequenceEqual(JsonMarshal.GetRawUtf8Value(mine))
            || (status.Length > 0 && JsonElement.DeepEquals(JsonText.Parse(status), mine));
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

    private static void WriteMetadata(Utf8JsonWriter writer, JsonElement metadata, long resourceVersion)
    {
        writer.WriteStartObject("metadata"u8);
        foreach (var field in metadata.EnumerateObject())
        {
            if (field.NameEquals("resourceVersion"u8))
                writer.WriteString("resourceVersion"u8, resourceVersion.ToString(CultureInfo.InvariantCulture));
            else
                WriteRaw(writer, field);
        }
        writer.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter writer, JsonProperty field)
    {
        writer.WritePropertyName(JsonMarshal.GetRawUtf8PropertyName(field));
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(field.Value), skipInputValidation: true);
    }

    private IReadOnlyDictionary<string, string> ReadLabels()
    {
        if (!_content.GetProperty("metadata"u8).TryGetProperty("labels"u8, out var labels) || labels.ValueKind != JsonValueKind.Object || labels.GetPropertyCount() == 0)
            return NoLabels;
        var read = new Dictionary<string, string>(labels.GetPropertyCount(), StringComparer.Ordinal);
        foreach (var label in labels.EnumerateObject())
            read[label.Name] = label.Value.ValueKind == JsonValueKind.String ? label.Value.GetString()! : "";
        return read;
    }
}
