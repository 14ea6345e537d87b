using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.Gguf;

/// <summary>A small model split into files, each of which a test may spoil.</summary>
internal sealed class SplitModel(int parts, int tensorsPerPart = 2)
{
    public const string Prefix = "tiny";

    /// <summary>What a part states instead of what is right: split.no, split.count, split.tensors.count; null leaves an entry out.</summary>
    public Func<int, (int? Index, int? Count, int? Tensors)>? States { get; init; }

    public Func<int, int, string>? TensorName { get; init; }

    public Func<int, bool>? BigEndian { get; init; }

    public static string Name(int index, int count) => new GgufSplitName(Prefix, index, count).ToString();

    public FilesInMemory Write()
    {
        var files = new FilesInMemory();
        for (int part = 0; part < parts; part++)
        {
            files[Name(part, parts)] = Part(part);
        }

        return files;
    }

    private byte[] Part(int part)
    {
        var writer = new GgufWriter { BigEndian = BigEndian?.Invoke(part) ?? false };
        if (part == 0)
        {
            writer.Add("general.architecture", "llama");
        }

        (int? index, int? count, int? tensors) = States?.Invoke(part) ?? (part, parts, parts * tensorsPerPart);
        if (index is { } no)
        {
            writer.Add("split.no", (ushort)no);
        }

        if (count is { } stated)
        {
            writer.Add("split.count", (ushort)stated);
        }

        if (tensors is { } all)
        {
            writer.Add("split.tensors.count", all);
        }

        for (int tensor = 0; tensor < tensorsPerPart; tensor++)
        {
            string name = TensorName?.Invoke(part, tensor) ?? string.Create(CultureInfo.InvariantCulture, $"blk.{part}.{tensor}.weight");
            writer.AddTensor(name, GgmlType.F32, 8, part + 1);
        }

        byte[] header = writer.ToHeader();
        return [.. header, .. new byte[writer.DataBytes]];
    }
}
