using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.Tests.LlamaCpp.Projectors;

/// <summary>Writes the header of a projector file with the tensors that files of its type have.</summary>
internal sealed record ProjectorShape(
    string Type, int Embedding, int FeedForward, int Blocks, int Heads, int Image, int Patch, int Output, int Merge, int[] Deepstack, int Mel, int Stack)
{
    private bool Audio => Type is "ultravox" or "qwen2a" or "voxtral";

    private bool Gated => Type is "pixtral" or "qwen2.5vl_merger";

    private bool Bias => Type is not "pixtral";

    /// <summary>A line of cases/projectors.csv.</summary>
    public static ProjectorShape Parse(string[] fields)
    {
        int[] numbers = [.. fields[1..9].Select(field => int.Parse(field, CultureInfo.InvariantCulture))];
        int[] deepstack = [.. fields[9].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => int.Parse(field, CultureInfo.InvariantCulture))];
        return new(
            fields[0], numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], deepstack,
            int.Parse(fields[10], CultureInfo.InvariantCulture), int.Parse(fields[11], CultureInfo.InvariantCulture));
    }

    public Task<GgufHeader> HeaderAsync(Action<GgufWriter>? add = null)
    {
        var writer = new GgufWriter();
        Metadata(writer);
        add?.Invoke(writer);
        Encoder(writer);
        Projection(writer);
        return GgufReader.ReadAsync(new BytesSource(writer.ToHeader()), cancellationToken: TestContext.Current.CancellationToken);
    }

    private void Metadata(GgufWriter writer)
    {
        string modality = Audio ? "audio" : "vision";
        writer.Add("general.architecture", "clip");
        writer.Add("general.type", "mmproj");
        writer.Add("general.name", "Sample projector");
        writer.Add($"clip.has_{modality}_encoder", true);
        writer.Add("clip.projector_type", Type);
        foreach ((string key, int value) in new[]
        {
            ("embedding_length", Embedding), ("feed_forward_length", FeedForward), ("block_count", Blocks),
            ("attention.head_count", Heads), ("projection_dim", Output),
        })
        {
            writer.Add($"clip.{modality}.{key}", (uint)value);
        }

        if (Audio)
        {
            writer.Add("clip.audio.num_mel_bins", (uint)Mel);
            writer.Add("clip.audio.projector.stack_factor", (uint)Stack);
            return;
        }

        writer.Add("clip.vision.image_size", (uint)Image);
        writer.Add("clip.vision.patch_size", (uint)Patch);
        writer.Add(Type is "pixtral" or "qwen3vl_merger" ? "clip.vision.spatial_merge_size" : "clip.vision.projector.scale_factor", (uint)Merge);
        if (Type == "qwen2.5vl_merger")
        {
            writer.Add("clip.vision.n_wa_pattern", 8u);
        }
    }

    private void Encoder(GgufWriter writer)
    {
        string prefix = Audio ? "a" : "v";
        if (Audio)
        {
            writer.AddTensor("a.conv1d.1.weight", GgmlType.F16, 3, Mel, Embedding);
            writer.AddTensor("a.conv1d.1.bias", GgmlType.F32, 1, Embedding);
            writer.AddTensor("a.conv1d.2.weight", GgmlType.F16, 3, Embedding, Embedding);
            writer.AddTensor("a.conv1d.2.bias", GgmlType.F32, 1, Embedding);
            writer.AddTensor("a.position_embd.weight", GgmlType.F32, Embedding, 1500);
        }
        else
        {
            Patches(writer);
        }

        if (Type is "mlp" or "pixtral")
        {
            Norm(writer, "v.pre_ln");
        }
        else if (Type != "internvl")
        {
            Norm(writer, prefix + ".post_ln");
        }

        for (int block = 0; block < Blocks; block++)
        {
            Block(writer, string.Create(CultureInfo.InvariantCulture, $"{prefix}.blk.{block}."));
        }
    }

    private void Patches(GgufWriter writer)
    {
        bool temporal = Type.StartsWith("qwen", StringComparison.Ordinal);
        writer.AddTensor("v.patch_embd.weight", GgmlType.F16, Patch, Patch, 3, Embedding);
        if (temporal)
        {
            writer.AddTensor("v.patch_embd.weight.1", GgmlType.F16, Patch, Patch, 3, Embedding);
        }

        bool classEmbedding = Type is "mlp" or "internvl";
        if (classEmbedding)
        {
            writer.AddTensor("v.class_embd", GgmlType.F32, Embedding);
        }

        if (Type is "gemma3" or "internvl" or "idefics3" or "qwen3vl_merger")
        {
            writer.AddTensor("v.patch_embd.bias", GgmlType.F32, Embedding);
        }

        int rows = Type == "qwen3vl_merger" ? 2304 : temporal || Type == "pixtral" ? 0 : (Image / Patch * (Image / Patch)) + (classEmbedding ? 1 : 0);
        if (rows > 0)
        {
            writer.AddTensor("v.position_embd.weight", GgmlType.F32, Embedding, rows);
        }
    }

    private void Block(GgufWriter writer, string name)
    {
        Norm(writer, name + "ln1");
        Norm(writer, name + "ln2");
        if (Type == "qwen3vl_merger")
        {
            Linear(writer, name + "attn_qkv", Embedding, 3 * Embedding, Bias);
        }
        else
        {
            Linear(writer, name + "attn_q", Embedding, Embedding, Bias);
            Linear(writer, name + "attn_k", Embedding, Embedding, Bias && !Audio);
            Linear(writer, name + "attn_v", Embedding, Embedding, Bias);
        }

        Linear(writer, name + "attn_out", Embedding, Embedding, Bias);
        Linear(writer, name + "ffn_up", Embedding, FeedForward, Bias);
        if (Gated)
        {
            Linear(writer, name + "ffn_gate", Embedding, FeedForward, Bias);
        }

        Linear(writer, name + "ffn_down", FeedForward, Embedding, Bias);
        if (Type == "internvl")
        {
            writer.AddTensor(name + "ls1.weight", GgmlType.F32, Embedding);
            writer.AddTensor(name + "ls2.weight", GgmlType.F32, Embedding);
        }
    }

    private void Projection(GgufWriter writer)
    {
        switch (Type)
        {
            case "mlp":
                Linear(writer, "mm.0", Embedding, Output, bias: true);
                Linear(writer, "mm.2", Output, Output, bias: true);
                break;
            case "gemma3":
                Linear(writer, "mm.input_projection", Output, Embedding, bias: false);
                writer.AddTensor("mm.soft_emb_norm.weight", GgmlType.F32, Embedding);
                break;
            case "pixtral":
                Linear(writer, "mm.1", Embedding, Output, bias: true);
                Linear(writer, "mm.2", Output, Output, bias: true);
                writer.AddTensor("v.token_embd.img_break", GgmlType.F32, Output);
                if (Merge > 1)
                {
                    writer.AddTensor("mm.input_norm.weight", GgmlType.F32, Embedding);
                    Linear(writer, "mm.patch_merger", Merge * Merge * Embedding, Embedding, bias: false);
                }

                break;
            case "internvl":
                writer.AddTensor("mm.model.mlp.0.weight", GgmlType.F32, 4 * Embedding);
                writer.AddTensor("mm.model.mlp.0.bias", GgmlType.F32, 4 * Embedding);
                Linear(writer, "mm.model.mlp.1", 4 * Embedding, Output, bias: true);
                Linear(writer, "mm.model.mlp.3", Output, Output, bias: true);
                break;
            case "idefics3":
                Linear(writer, "mm.model.fc", Merge * Merge * Embedding, Output, bias: false);
                break;
            case "ultravox":
                Linear(writer, "mm.a.mlp.1", Stack * Embedding, 4096, bias: false);
                Linear(writer, "mm.a.mlp.2", 2048, Output, bias: false);
                writer.AddTensor("mm.a.norm_pre.weight", GgmlType.F32, Stack * Embedding);
                writer.AddTensor("mm.a.norm_mid.weight", GgmlType.F32, 2048);
                break;
            case "voxtral":
                Linear(writer, "mm.a.mlp.1", Stack * Embedding, Output, bias: false);
                Linear(writer, "mm.a.mlp.2", Output, Output, bias: false);
                break;
            case "qwen2a":
                Linear(writer, "mm.a.fc", Embedding, Output, bias: true);
                break;
            default:
                Merger(writer);
                break;
        }
    }

    private void Merger(GgufWriter writer)
    {
        Linear(writer, "mm.0", 4 * Embedding, 4 * Embedding, bias: true);
        Linear(writer, "mm.2", 4 * Embedding, Output, bias: true);
        foreach (int block in Deepstack)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"v.deepstack.{block}.");
            writer.AddTensor(name + "norm.weight", GgmlType.F32, 4 * Embedding);
            writer.AddTensor(name + "norm.bias", GgmlType.F32, 4 * Embedding);
            Linear(writer, name + "fc1", 4 * Embedding, 4 * Embedding, bias: true);
            Linear(writer, name + "fc2", 4 * Embedding, Output, bias: true);
        }
    }

    private void Norm(GgufWriter writer, string name)
    {
        writer.AddTensor(name + ".weight", GgmlType.F32, Embedding);
        if (!Gated)
        {
            writer.AddTensor(name + ".bias", GgmlType.F32, Embedding);
        }
    }

    private static void Linear(GgufWriter writer, string name, int columns, int rows, bool bias)
    {
        writer.AddTensor(name + ".weight", GgmlType.F16, columns, rows);
        if (bias)
        {
            writer.AddTensor(name + ".bias", GgmlType.F32, rows);
        }
    }
}
