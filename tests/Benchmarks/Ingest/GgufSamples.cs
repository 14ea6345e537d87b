using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Benchmarks.Ingest;

/// <summary>Headers of GGUF files as converters write them, made here so that the benchmark needs no download.</summary>
internal static class GgufSamples
{
    /// <summary>A dense model of 150 blocks without a tokenizer: about 100 kB, nearly all of it tensors.</summary>
    public static byte[] ManyTensors()
    {
        GgufWriter writer = Model(150);
        writer.Add("tokenizer.ggml.model", "none");
        AddTensors(writer, blocks: 150, vocabulary: 32_000);
        return writer.ToHeader();
    }

    /// <summary>A model of 40 blocks with a tokenizer of 262,144 tokens, their scores and types, and the merges: about 10 MB.</summary>
    public static byte[] LargeTokenizer()
    {
        const int Tokens = 256 << 10;
        GgufWriter writer = Model(40);
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.tokens", [.. Numbered(Tokens, "tok")]);
        writer.Add("tokenizer.ggml.scores", new float[Tokens]);
        writer.Add("tokenizer.ggml.token_type", new int[Tokens]);
        writer.Add("tokenizer.ggml.merges", [.. Numbered(Tokens, "a b")]);
        writer.Add("tokenizer.chat_template", new string('x', 8000));
        AddTensors(writer, blocks: 40, vocabulary: Tokens);
        return writer.ToHeader();
    }

    private static IEnumerable<string> Numbered(int count, string prefix)
    {
        for (int i = 0; i < count; i++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}");
        }
    }

    private static GgufWriter Model(uint blocks)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("general.name", "Benchmark");
        writer.Add("general.file_type", 15u);
        writer.Add("llama.block_count", blocks);
        writer.Add("llama.context_length", 131_072u);
        writer.Add("llama.embedding_length", 4096u);
        writer.Add("llama.feed_forward_length", 14_336u);
        writer.Add("llama.attention.head_count", 32u);
        writer.Add("llama.attention.head_count_kv", 8u);
        writer.Add("llama.rope.freq_base", 500_000f);
        return writer;
    }

    private static void AddTensors(GgufWriter writer, int blocks, int vocabulary)
    {
        writer.AddTensor("token_embd.weight", GgmlType.Q4_K, 4096, vocabulary);
        for (int block = 0; block < blocks; block++)
        {
            string prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{block}.");
            writer.AddTensor(prefix + "attn_norm.weight", GgmlType.F32, 4096);
            writer.AddTensor(prefix + "attn_q.weight", GgmlType.Q4_K, 4096, 4096);
            writer.AddTensor(prefix + "attn_k.weight", GgmlType.Q4_K, 4096, 1024);
            writer.AddTensor(prefix + "attn_v.weight", GgmlType.Q6_K, 4096, 1024);
            writer.AddTensor(prefix + "attn_q_norm.weight", GgmlType.F32, 128);
            writer.AddTensor(prefix + "attn_k_norm.weight", GgmlType.F32, 128);
            writer.AddTensor(prefix + "attn_output.weight", GgmlType.Q4_K, 4096, 4096);
            writer.AddTensor(prefix + "ffn_norm.weight", GgmlType.F32, 4096);
            writer.AddTensor(prefix + "ffn_gate.weight", GgmlType.Q4_K, 4096, 14_336);
            writer.AddTensor(prefix + "ffn_up.weight", GgmlType.Q4_K, 4096, 14_336);
            writer.AddTensor(prefix + "ffn_down.weight", GgmlType.Q6_K, 14_336, 4096);
        }

        writer.AddTensor("output_norm.weight", GgmlType.F32, 4096);
        writer.AddTensor("output.weight", GgmlType.Q6_K, 4096, vocabulary);
    }
}
