using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Modeling.Tests.LlamaCpp;

/// <summary>Models of public shapes without a sample file: metadata, and a token embedding as the only tensor.</summary>
internal static class ModelShapes
{
    public static Task<LlamaCppModel> Gemma3Of27BAsync() => ReadAsync("gemma3", 5376, 262208,
        ("block_count", 62), ("feed_forward_length", 21504), ("attention.head_count", 32), ("attention.head_count_kv", 16),
        ("attention.key_length", 128), ("attention.value_length", 128), ("attention.sliding_window", 1024), ("context_length", 131072));

    public static Task<LlamaCppModel> GptOssOf120BAsync() => ReadAsync("gpt-oss", 2880, 201088,
        ("block_count", 36), ("feed_forward_length", 2880), ("attention.head_count", 64), ("attention.head_count_kv", 8),
        ("attention.key_length", 64), ("attention.value_length", 64), ("attention.sliding_window", 128), ("context_length", 131072),
        ("expert_count", 128), ("expert_used_count", 4), ("expert_feed_forward_length", 2880));

    public static Task<LlamaCppModel> FalconMambaOf7BAsync() => ReadAsync("mamba", 4096, 65024,
        ("block_count", 64), ("feed_forward_length", 0), ("attention.head_count", 0), ("context_length", 1048576),
        ("ssm.conv_kernel", 4), ("ssm.inner_size", 8192), ("ssm.state_size", 16), ("ssm.time_step_rank", 256));

    public static Task<LlamaCppModel> Qwen3NextOf80BAsync() => ReadAsync("qwen3next", 2048, 151936,
        ("block_count", 48), ("feed_forward_length", 5120), ("attention.head_count", 16), ("attention.head_count_kv", 2),
        ("attention.key_length", 256), ("attention.value_length", 256), ("context_length", 262144),
        ("expert_count", 512), ("expert_used_count", 10), ("expert_feed_forward_length", 512),
        ("ssm.conv_kernel", 4), ("ssm.state_size", 128), ("ssm.group_count", 16), ("ssm.time_step_rank", 32), ("ssm.inner_size", 4096));

    public static async Task<LlamaCppModel> ReadAsync(string architecture, int embedding, int vocabulary, params (string Key, int Value)[] facts)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", architecture);
        writer.Add($"{architecture}.embedding_length", (uint)embedding);
        foreach ((string key, int value) in facts)
        {
            writer.Add($"{architecture}.{key}", (uint)value);
        }

        writer.AddTensor("token_embd.weight", GgmlType.F16, embedding, vocabulary);
        return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: TestContext.Current.CancellationToken));
    }
}
