using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Safetensors;

/// <summary>Reads <c>model.safetensors.index.json</c>. Of its list of tensors only the files' names are kept.</summary>
public static class SafetensorsIndexReader
{
    private const int LongestPath = 1024;

    /// <summary>Reads the index of a source.</summary>
    /// <exception cref="SafetensorsFormatException">The source holds no index that can be read, or it names files outside of the model's folder.</exception>
    /// <exception cref="ByteRangeException">The source cannot be read.</exception>
    public static async Task<SafetensorsIndex> ReadAsync(
        IByteRangeSource source, SafetensorsLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= SafetensorsLimits.Default;
        var parser = new Parser(source.Name, limits);
        var stream = new JsonStream(source, 0, null, limits.IndexBytes, 1 << 20, maximumDepth: 16);
        try
        {
            switch (await stream.ReadAsync(parser.Take, cancellationToken).ConfigureAwait(false))
            {
                case JsonStream.End.TooLong:
                    throw parser.Refuse($"is longer than the {limits.IndexBytes >> 20} MiB allowed");
                case JsonStream.End.TokenTooLong:
                    throw parser.Refuse("holds a text of more than 1 MiB");
            }
        }
        catch (JsonException)
        {
            throw parser.Refuse("is no valid JSON");
        }
        catch (InvalidOperationException)
        {
            throw parser.Refuse("holds text that is no valid Unicode");
        }

        return parser.Finish();
    }

    private sealed class Parser(string file, SafetensorsLimits limits)
    {
        private readonly Dictionary<string, int> _shards = new(StringComparer.Ordinal);
        private string _section = "";
        private bool _total;
        private long? _totalSize;

        public SafetensorsFormatException Refuse(string what) => new(file, what, "the file is damaged or not an index of safetensors files");

        public void Take(ref Utf8JsonReader reader)
        {
            switch (reader.CurrentDepth, reader.TokenType)
            {
                case (0, not (JsonTokenType.StartObject or JsonTokenType.EndObject)):
                    throw Refuse("is no JSON object");
                case (1, JsonTokenType.PropertyName):
                    _section = reader.ValueTextEquals("weight_map"u8) ? "weight_map" : reader.ValueTextEquals("metadata"u8) ? "metadata" : "";
                    break;
                case (2, JsonTokenType.PropertyName):
                    _total = _section == "metadata" && reader.ValueTextEquals("total_size"u8);
                    break;
                case (2, JsonTokenType.Number) when _total:
                    // Some tools write a float.
                    _totalSize = reader.TryGetDouble(out double size) && size is >= 0 and < 1L << 60 ? (long)size : null;
                    break;
                case (2, JsonTokenType.String) when _section == "weight_map":
                    Count(ref reader);
                    break;
                case (2, _) when _section == "weight_map":
                    throw Refuse("maps a tensor to something that is no file's name");
            }
        }

        public SafetensorsIndex Finish()
        {
            if (_shards.Count == 0)
            {
                throw Refuse("maps no tensor to a file");
            }

            return new SafetensorsIndex
            {
                Shards = [.. _shards.OrderBy(shard => shard.Key, StringComparer.Ordinal).Select(shard => (shard.Key, shard.Value))],
                TotalSize = _totalSize is { } size ? new Bytes(size) : null,
            };
        }

        private void Count(ref Utf8JsonReader reader)
        {
            if (reader.ValueSpan.Length > LongestPath)
            {
                throw Refuse($"names a file by {reader.ValueSpan.Length} bytes, more than the {LongestPath} allowed");
            }

            Span<char> name = stackalloc char[reader.ValueSpan.Length];
            name = name[..reader.CopyString(name)];
            Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> shards = _shards.GetAlternateLookup<ReadOnlySpan<char>>();
            if (shards.TryGetValue(name, out int tensors))
            {
                shards[name] = tensors + 1;
                return;
            }

            string path = name.ToString();
            if (!RelativePath.IsSafe(path))
            {
                throw Refuse("names a file that does not lie in the model's folder");
            }

            if (_shards.Count >= limits.Shards)
            {
                throw Refuse($"names more than the {limits.Shards} files allowed");
            }

            _shards.Add(path, 1);
        }
    }
}
