using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// The place in a list's body, and what was read before it. Goes forward in whole steps (a field of the list, an item); a step whose bytes
/// are not all there is taken back.
/// </summary>
internal sealed class ListParser<T>(JsonTypeInfo<T> itemInfo, JsonTypeInfo<V1ListMeta> metadataInfo)
    where T : class, IKubernetesObject
{
    private Place _place = Place.Start;
    private JsonReaderState _state;

    private enum Place
    {
        Start,
        Fields,
        Items,
        End,
    }

    public KubernetesList<T> List { get; } = new();

    public bool IsDone => _place == Place.End;

    /// <summary>Reads as far as it can, and says how many bytes that were.</summary>
    public int Read(ReadOnlySpan<byte> bytes, bool isAll, CancellationToken cancellationToken)
    {
        var reader = new Utf8JsonReader(bytes, isAll, _state);
        while (_place != Place.End)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ahead = reader;
            if (!Step(ref ahead, bytes)) break;
            reader = ahead;
        }

        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private static bool TryTake(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value)
    {
        var start = (int)reader.TokenStartIndex;
        var isWhole = reader.TrySkip();
        value = isWhole ? bytes[start..(int)reader.BytesConsumed] : default;
        return isWhole;
    }

    private bool Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        if (!reader.Read()) return false;
        switch (_place)
        {
            case Place.Start:
                if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Expected a list object.");
                _place = Place.Fields;
                return true;
            case Place.Fields when reader.TokenType == JsonTokenType.EndObject:
                _place = Place.End;
                return true;
            case Place.Fields:
                return Field(ref reader, bytes);
            default:
                return Item(ref reader, bytes);
        }
    }

    private bool Field(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        var isItems = PropertyName.Is(ref reader, "items"u8);
        var isMetadata = PropertyName.Is(ref reader, "metadata"u8);
        if (!reader.Read()) return false;
        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            _place = Place.Items;
            return true;
        }

        if (isItems && reader.TokenType != JsonTokenType.Null) throw new JsonException("The list's items are no array.");
        if (!TryTake(ref reader, bytes, out var value)) return false;
        if (isMetadata) List.Metadata = JsonSerializer.Deserialize(value, metadataInfo) ?? new V1ListMeta();
        return true;
    }

    private bool Item(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _place = Place.Fields;
            return true;
        }

        if (!TryTake(ref reader, bytes, out var value)) return false;
        List.Items.Add(JsonSerializer.Deserialize(value, itemInfo) ?? throw new JsonException("An item of the list is null."));
        return true;
    }
}
