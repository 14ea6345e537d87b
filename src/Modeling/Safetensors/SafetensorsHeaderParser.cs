using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Safetensors;

/// <summary>
/// Takes a header's tokens one by one. The rules are the reference implementation's: each tensor's data ends where the next one's
/// begins, the first begins at 0, and each is as long as its shape and type make it.
/// </summary>
internal sealed class SafetensorsHeaderParser(string file, SafetensorsLimits limits)
{
    private const string Damaged = "the file is damaged or not a safetensors file";

    private readonly ImmutableArray<SafetensorsTensor>.Builder _tensors = ImmutableArray.CreateBuilder<SafetensorsTensor>();
    private readonly ImmutableDictionary<string, string>.Builder _metadata = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<long> _numbers = [];
    private long _kept;
    private long _end;
    private bool _ordered = true;
    private bool _hasMetadata;

    private string _name = "";
    private string _field = "";
    private bool _inMetadata;
    private ElementType? _type;
    private ImmutableArray<long>? _shape;
    private (long Begin, long End)? _offsets;

    public void Take(ref Utf8JsonReader reader)
    {
        switch (reader.CurrentDepth, reader.TokenType)
        {
            case (0, JsonTokenType.StartObject or JsonTokenType.EndObject):
                return;
            case (0, _):
                throw Refuse("its header is no JSON object");
            case (1, JsonTokenType.PropertyName):
                BeginEntry(ref reader);
                return;
            case (1, JsonTokenType.StartObject):
                return;
            case (1, JsonTokenType.EndObject):
                EndEntry();
                return;
            case (1, _):
                throw Refuse($"{Quote(_name)} is no object");
            case (_, _) when _inMetadata:
                TakeMetadata(ref reader);
                return;
            case (2, JsonTokenType.PropertyName):
                _field = reader.ValueTextEquals("dtype"u8) ? "dtype" : reader.ValueTextEquals("shape"u8) ? "shape" : reader.ValueTextEquals("data_offsets"u8) ? "data_offsets" : "";
                return;
            default:
                TakeField(ref reader);
                return;
        }
    }

    /// <summary>The header, once all tokens were taken.</summary>
    public SafetensorsHeader Finish(long dataOffset)
    {
        if (!_ordered)
        {
            CheckOrder();
        }

        return new SafetensorsHeader
        {
            Name = file,
            DataOffset = dataOffset,
            Tensors = _tensors.DrainToImmutable(),
            Metadata = _metadata.ToImmutable(),
            DataSize = new Bytes(_end),
        };
    }

    public SafetensorsFormatException Refuse(string what, string remedy = Damaged) => new(file, what, remedy);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char character in text.Length > 80 ? text.AsSpan(0, 80) : text)
        {
            quoted.Append(char.IsControl(character) ? '?' : character);
        }

        return quoted.Append(text.Length > 80 ? "…'" : "'").ToString();
    }

    private void BeginEntry(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > limits.NameBytes)
        {
            throw Refuse($"a tensor's name is {reader.ValueSpan.Length} bytes long, more than the {limits.NameBytes} allowed");
        }

        _inMetadata = reader.ValueTextEquals("__metadata__"u8);
        if (_inMetadata)
        {
            if (_hasMetadata)
            {
                throw Refuse("has '__metadata__' twice");
            }

            _hasMetadata = true;
            _name = "__metadata__";
            return;
        }

        _name = reader.GetString()!;
        if (!_names.Add(_name))
        {
            throw Refuse($"has the tensor {Quote(_name)} twice");
        }

        if (_names.Count > limits.Tensors)
        {
            throw Refuse($"lists more than the {limits.Tensors} tensors allowed");
        }

        Keep(160 + (2L * _name.Length));
        (_type, _shape, _offsets, _field) = (null, null, null, "");
    }

    private void EndEntry()
    {
        if (_inMetadata)
        {
            _inMetadata = false;
            return;
        }

        if (_type is not { } type || _shape is not { } shape || _offsets is not var (begin, end))
        {
            throw Refuse($"the tensor {Quote(_name)} states no {(_type is null ? "dtype" : _shape is null ? "shape" : "data_offsets")}");
        }

        if (end < begin)
        {
            throw Refuse($"the tensor {Quote(_name)} ends at {end}, before it begins at {begin}");
        }

        Int128 bits = type.Bits();
        foreach (long dimension in shape)
        {
            bits *= dimension;
            if (bits > long.MaxValue)
            {
                throw Refuse($"the tensor {Quote(_name)} states a shape of more than 2^63 bits");
            }
        }

        if (bits % 8 != 0 || bits / 8 != end - begin)
        {
            throw Refuse(string.Create(
                CultureInfo.InvariantCulture, $"the tensor {Quote(_name)} has {end - begin} bytes of data, but its shape and type {type.SafetensorsName()} make {(double)bits / 8:0.#}"));
        }

        _ordered &= begin == _end;
        _end = Math.Max(_end, end);
        _tensors.Add(new SafetensorsTensor(_name, type, shape, begin, end));
    }

    private void TakeMetadata(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                Short(ref reader, "a key of its metadata");
                _field = reader.GetString()!;
                break;
            case JsonTokenType.String:
                if (reader.ValueSpan.Length <= limits.KeptTextBytes)
                {
                    string text = reader.GetString()!;
                    Keep(160 + (2L * (_field.Length + text.Length)));
                    _metadata[_field] = text;
                }

                break;
            default:
                throw Refuse($"its metadata holds a value of {Quote(_field)} that is no text");
        }
    }

    private void TakeField(ref Utf8JsonReader reader)
    {
        if (_field.Length == 0)
        {
            // Fields that this version of the format does not know are passed over.
            return;
        }

        switch (_field, reader.TokenType)
        {
            case ("dtype", JsonTokenType.String):
                Once(_type is not null);
                Short(ref reader, "a type's name");
                _type = ElementTypes.FromSafetensors(reader.ValueSpan)
                    ?? throw Refuse($"the tensor {Quote(_name)} is of the unknown type {Quote(reader.GetString()!)}", "the file is damaged or newer than this program");
                break;
            case ("shape" or "data_offsets", JsonTokenType.StartArray) when reader.CurrentDepth == 2:
                Once(_field == "shape" ? _shape is not null : _offsets is not null);
                _numbers.Clear();
                break;
            case ("shape" or "data_offsets", JsonTokenType.Number) when reader.CurrentDepth == 3:
                if (!reader.TryGetInt64(out long number) || number < 0 || _numbers.Count >= limits.Dimensions)
                {
                    throw Refuse($"the {_field} of the tensor {Quote(_name)} is no list of at most {limits.Dimensions} whole numbers");
                }

                _numbers.Add(number);
                break;
            case ("shape", JsonTokenType.EndArray) when reader.CurrentDepth == 2:
                Keep(24 + (8L * _numbers.Count));
                _shape = ImmutableCollectionsMarshal.AsImmutableArray(_numbers.ToArray());
                break;
            case ("data_offsets", JsonTokenType.EndArray) when reader.CurrentDepth == 2 && _numbers.Count == 2:
                _offsets = (_numbers[0], _numbers[1]);
                break;
            default:
                throw Refuse($"the {_field} of the tensor {Quote(_name)} is not of its kind");
        }
    }

    private void Once(bool there)
    {
        if (there)
        {
            throw Refuse($"the tensor {Quote(_name)} states its {_field} twice");
        }
    }

    private void Short(ref Utf8JsonReader reader, string what)
    {
        if (reader.ValueSpan.Length > limits.NameBytes)
        {
            throw Refuse($"{what} is {reader.ValueSpan.Length} bytes long, more than the {limits.NameBytes} allowed");
        }
    }

    private void Keep(long bytes)
    {
        _kept += bytes;
        if (_kept > limits.KeptBytes)
        {
            throw Refuse($"its header holds more than {limits.KeptBytes >> 20} MiB of names and shapes (at {Quote(_name)})");
        }
    }

    /// <summary>The list need not be in the order of the data, but the data must be without holes and overlaps.</summary>
    private void CheckOrder()
    {
        (long Begin, long End)[] ranges = [.. _tensors.Select(tensor => (tensor.Begin, tensor.End))];
        Array.Sort(ranges);
        long end = 0;
        foreach ((long begin, long next) in ranges)
        {
            if (begin != end)
            {
                throw Refuse(begin > end ? $"no tensor covers its data from byte {end} to {begin}" : $"two tensors overlap at byte {begin} of its data");
            }

            end = next;
        }
    }
}
