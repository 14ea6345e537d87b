using System.Globalization;
using System.Text.Json;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Golden.Shapes;

/// <summary>Makes the GGUF header of a shape.</summary>
internal sealed class ShapeHeader
{
    private readonly ModelShape _shape;
    private readonly QuantizationMixture _mixture;
    private readonly GgufWriter _writer = new();
    private readonly int _blocks;
    private long _block;

    private ShapeHeader(ModelShape shape)
    {
        _shape = shape;
        _blocks = checked((int)SizeOf("L"));
        _mixture = new QuantizationMixture(
            shape.FileType, _blocks, !shape.Tensors.ContainsKey("output.weight"), shape.SeventyBillion, (int)shape.Sizes.GetValueOrDefault("X"));
    }

    /// <summary>
    /// The header's bytes, and the size of the whole file in bytes. llama-server refuses a model without vocabulary, an estimate needs
    /// none: <paramref name="vocabulary"/> adds a made-up one of the true size.
    /// </summary>
    /// <exception cref="FormatException">The shape has an error.</exception>
    public static (byte[] Header, long FileSize) Make(ModelShape shape, bool vocabulary)
    {
        try
        {
            var header = new ShapeHeader(shape);
            header.AddMetadata(vocabulary);
            header.AddTensors();
            byte[] bytes = header._writer.ToHeader();
            return (bytes, bytes.Length + header._writer.DataBytes);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            throw new FormatException($"The shape of {shape.Name} has an error: {exception.Message}", exception);
        }
    }

    private void AddMetadata(bool vocabulary)
    {
        _writer.Add("general.architecture", _shape.Architecture);
        _writer.Add("general.type", "model");
        _writer.Add("general.name", _shape.Name);
        _writer.Add("general.quantization_version", 2u);
        _writer.Add("general.file_type", _mixture.FileTypeNumber);
        foreach ((string key, JsonElement value) in _shape.Metadata)
        {
            Add($"{_shape.Architecture}.{key}", value);
        }

        foreach ((string key, JsonElement value) in _shape.General)
        {
            Add(key, value);
        }

        int entries = checked((int)SizeOf("V"));
        _writer.Add($"{_shape.Architecture}.vocab_size", (uint)entries);
        if (vocabulary)
        {
            SyntheticVocabulary.Add(_writer, entries);
        }
        else
        {
            _writer.Add("tokenizer.ggml.model", "none");
        }
    }

    /// <summary>
    /// Numbers with a point or exponent are floats. A string that begins with = is an expression; <c>{"each": …}</c> and
    /// <c>{"eachBool": …}</c> are arrays of one value a block.
    /// </summary>
    private void Add(string key, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when value.GetString()!.StartsWith('='):
                _writer.Add(key, checked((uint)Evaluate(value.GetString().AsSpan(1))));
                break;
            case JsonValueKind.String:
                _writer.Add(key, value.GetString()!);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                _writer.Add(key, value.GetBoolean());
                break;
            case JsonValueKind.Number when IsFloat(value):
                _writer.Add(key, value.GetSingle());
                break;
            case JsonValueKind.Number:
                _writer.Add(key, value.GetUInt32());
                break;
            case JsonValueKind.Array when value.EnumerateArray().Any(IsFloat):
                _writer.Add(key, [.. value.EnumerateArray().Select(item => item.GetSingle())]);
                break;
            case JsonValueKind.Array:
                _writer.Add(key, [.. value.EnumerateArray().Select(item => item.GetInt32())]);
                break;
            case JsonValueKind.Object when value.TryGetProperty("each", out JsonElement each):
                _writer.Add(key, EachBlock(each.GetString()!));
                break;
            case JsonValueKind.Object when value.TryGetProperty("eachBool", out JsonElement each):
                _writer.Add(key, [.. EachBlock(each.GetString()!).Select(item => item != 0)]);
                break;
            default:
                throw new FormatException($"the value of {key} is neither a number, text, list nor each-block expression.");
        }
    }

    private void AddTensors()
    {
        foreach ((string name, string dimensions) in _shape.Tensors)
        {
            AddTensor("", name, dimensions);
        }

        for (_block = 0; _block < _blocks; _block++)
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{_block}.");
            foreach (BlockShape block in _shape.Blocks.Where(block => block.Where is null || Evaluate(block.Where) != 0))
            {
                foreach ((string name, string dimensions) in block.Tensors)
                {
                    AddTensor(prefix, name, dimensions);
                }
            }
        }
    }

    private void AddTensor(string prefix, string name, string description)
    {
        string[] parts = description.Split(':', StringSplitOptions.TrimEntries);
        long[] dimensions = [.. parts[0].Split(',').Select(dimension => Evaluate(dimension))];
        GgmlType type = parts.Length > 1 ? Enum.Parse<GgmlType>(parts[1])
            : TensorNames.StaysFloat(name, dimensions.Length) ? GgmlType.F32
            : _mixture.TypeOf(TensorNames.RoleOf(name), (int)_block, dimensions[0]);
        _writer.AddTensor(prefix + name, type, dimensions);
    }

    private int[] EachBlock(string expression)
    {
        var values = new int[_blocks];
        for (_block = 0; _block < _blocks; _block++)
        {
            values[_block] = checked((int)Evaluate(expression));
        }

        _block = 0;
        return values;
    }

    private long Evaluate(ReadOnlySpan<char> expression) => ShapeExpression.Evaluate(expression, SizeOf);

    private long SizeOf(string name) =>
        name == "i" ? _block
        : _shape.Sizes.TryGetValue(name, out long value) ? value
        : throw new FormatException($"the size '{name}' is not among its sizes.");

    private static bool IsFloat(JsonElement value) => value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');
}
