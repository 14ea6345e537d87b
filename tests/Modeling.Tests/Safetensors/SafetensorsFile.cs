using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.Transformers.Checkpoints;

namespace GpuStack.Modeling.Tests.Safetensors;

/// <summary>Writes safetensors headers, without the data that would follow.</summary>
internal static class SafetensorsFile
{
    /// <summary>A header with any text in place of the JSON.</summary>
    public static byte[] Raw(string json) => Raw(json, Encoding.UTF8.GetByteCount(json));

    /// <summary>A header that claims any length.</summary>
    public static byte[] Raw(string json, long length)
    {
        byte[] bytes = new byte[8 + Encoding.UTF8.GetByteCount(json)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Encoding.UTF8.GetBytes(json, bytes.AsSpan(8));
        return bytes;
    }

    public static byte[] Header(IEnumerable<(string Name, ElementType Type, long[] Shape)> tensors)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[8]);
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            writer.WriteEndObject();
            long begin = 0;
            foreach ((string name, ElementType type, long[] shape) in tensors)
            {
                long end = begin + type.SizeOf(shape.Aggregate(1L, (product, dimension) => product * dimension)).Value;
                writer.WriteStartObject(name);
                writer.WriteString("dtype", type.SafetensorsName());
                writer.WriteStartArray("shape");
                foreach (long dimension in shape)
                {
                    writer.WriteNumberValue(dimension);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(begin);
                writer.WriteNumberValue(end);
                writer.WriteEndArray();
                writer.WriteEndObject();
                begin = end;
            }

            writer.WriteEndObject();
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        return bytes;
    }

    /// <summary>Each tensor, and of experts one for each.</summary>
    public static IEnumerable<(string Name, ElementType Type, long[] Shape)> Expand(IEnumerable<CheckpointTensor> tensors)
    {
        foreach (CheckpointTensor tensor in tensors)
        {
            long[] shape = [.. tensor.Shape];
            if (tensor.Repeat == 1)
            {
                yield return (tensor.Name, tensor.Type, shape);
                continue;
            }

            for (int i = 0; i < tensor.Repeat; i++)
            {
                yield return (tensor.Name.Replace("experts.0.", string.Create(CultureInfo.InvariantCulture, $"experts.{i}."), StringComparison.Ordinal), tensor.Type, shape);
            }
        }
    }
}
