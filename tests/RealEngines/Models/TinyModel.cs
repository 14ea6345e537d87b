using System.Buffers.Binary;
using GpuStack.Modeling.Gguf;

namespace GpuStack.RealEngines.Models;

/// <summary>
/// A whole GGUF file of the llama architecture that llama-server loads and answers with: eight blocks, weights in Q8_0, a SentencePiece
/// vocabulary. The weights are random and always the same, so the answers are nonsense, and always the same nonsense at temperature 0.
/// </summary>
internal static class TinyModel
{
    public const int Blocks = 8;
    public const int ContextLength = 32768;

    private const string Architecture = "llama";
    private const int Embedding = 256;
    private const int Heads = 8;
    private const int KeyHeads = 8;
    private const int HeadSize = Embedding / Heads;
    private const int FeedForward = 512;
    private const int Q8BlockElements = 32;
    private const int Seed = 6;

    /// <summary>Writes the file, about 1.3 MB.</summary>
    public static async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        var header = new GgufWriter();
        AddMetadata(header);
        TinyVocabulary.AddTo(header);
        var random = new Random(Seed);
        var data = new MemoryStream();
        foreach (var (name, rows, columns) in Tensors())
        {
            header.AddTensor(name, rows == 1 ? GgmlType.F32 : GgmlType.Q8_0, rows == 1 ? [columns] : [columns, rows]);
            if (rows == 1)
                WriteOnes(data, columns);
            else
                WriteRandom(data, random, rows, columns);
            // Each tensor begins where the header says: at the next multiple of the alignment.
            data.SetLength(header.DataBytes);
            data.Position = data.Length;
        }
        await using var file = File.Create(path);
        await file.WriteAsync(header.ToHeader(), cancellationToken);
        await file.WriteAsync(data.GetBuffer().AsMemory(0, (int)data.Length), cancellationToken);
    }

    private static void AddMetadata(GgufWriter header)
    {
        header.Add("general.architecture", Architecture);
        header.Add("general.type", "model");
        header.Add("general.name", "tiny");
        header.Add("general.quantization_version", 2u);
        header.Add("general.file_type", 7u);
        header.Add($"{Architecture}.block_count", (uint)Blocks);
        header.Add($"{Architecture}.context_length", (uint)ContextLength);
        header.Add($"{Architecture}.embedding_length", (uint)Embedding);
        header.Add($"{Architecture}.feed_forward_length", (uint)FeedForward);
        header.Add($"{Architecture}.attention.head_count", (uint)Heads);
        header.Add($"{Architecture}.attention.head_count_kv", (uint)KeyHeads);
        header.Add($"{Architecture}.attention.layer_norm_rms_epsilon", 1e-5f);
        header.Add($"{Architecture}.rope.dimension_count", (uint)HeadSize);
        header.Add($"{Architecture}.rope.freq_base", 10000f);
        header.Add($"{Architecture}.vocab_size", (uint)TinyVocabulary.Size);
    }

    /// <summary>Vectors have one row.</summary>
    private static IEnumerable<(string Name, int Rows, int Columns)> Tensors()
    {
        yield return ("token_embd.weight", TinyVocabulary.Size, Embedding);
        yield return ("output_norm.weight", 1, Embedding);
        yield return ("output.weight", TinyVocabulary.Size, Embedding);
        for (var block = 0; block < Blocks; block++)
        {
            yield return ($"blk.{block}.attn_norm.weight", 1, Embedding);
            yield return ($"blk.{block}.attn_q.weight", Embedding, Embedding);
            yield return ($"blk.{block}.attn_k.weight", KeyHeads * HeadSize, Embedding);
            yield return ($"blk.{block}.attn_v.weight", KeyHeads * HeadSize, Embedding);
            yield return ($"blk.{block}.attn_output.weight", Embedding, Embedding);
            yield return ($"blk.{block}.ffn_norm.weight", 1, Embedding);
            yield return ($"blk.{block}.ffn_gate.weight", FeedForward, Embedding);
            yield return ($"blk.{block}.ffn_up.weight", FeedForward, Embedding);
            yield return ($"blk.{block}.ffn_down.weight", Embedding, FeedForward);
        }
    }

    private static void WriteOnes(MemoryStream data, int count)
    {
        Span<byte> one = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(one, 1);
        for (var i = 0; i < count; i++)
            data.Write(one);
    }

    /// <summary>Blocks of Q8_0: a scale of 16 bits, then 32 whole numbers. The scale keeps the values of a layer near its input's.</summary>
    private static void WriteRandom(MemoryStream data, Random random, int rows, int columns)
    {
        Span<byte> block = stackalloc byte[sizeof(ushort) + Q8BlockElements];
        // Uniform over -127 … 127 has a deviation of 127/√3.
        var scale = (Half)(Math.Sqrt(3) / 127 / Math.Sqrt(columns));
        for (var i = 0; i < rows * columns / Q8BlockElements; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block, scale);
            for (var j = sizeof(ushort); j < block.Length; j++)
                block[j] = unchecked((byte)(sbyte)random.Next(-127, 128));
            data.Write(block);
        }
    }
}
