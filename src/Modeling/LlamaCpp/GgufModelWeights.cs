using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// Where llama.cpp puts a file's tensors: <c>blk.i.*</c> with layer i, the output and its norm with layer L, rotary factors
/// with every device that holds blocks, the rest (token embeddings and other inputs) on the host. A model without an output
/// tensor uses its token embeddings for it, and so has a second copy of them in layer L.
/// </summary>
internal sealed record GgufModelWeights
{
    /// <summary>llama.cpp places every tensor at a multiple of so many bytes.</summary>
    private const long TensorPadding = 32;

    public required ImmutableArray<long> Layers { get; init; }

    public long Inputs { get; private init; }

    public long TiedOutput { get; private init; }

    public long Shared { get; private init; }

    public long Total { get; private init; }

    public long Parameters { get; private init; }

    public int VocabularySize { get; private init; }

    public static GgufModelWeights Of(GgufHeader header, string architecture, int blocks, int usedBlocks, Func<string, string, GgufFormatException> refuse)
    {
        var layers = new long[blocks + 1];
        long inputs = 0, shared = 0, total = 0, parameters = 0, embedding = 0, vocabulary = 0;
        bool hasOutput = false;
        foreach (GgufTensor tensor in header.Tensors)
        {
            long size = (tensor.Size + TensorPadding - 1) / TensorPadding * TensorPadding;
            total += tensor.Size;
            parameters = parameters > long.MaxValue - tensor.Elements ? long.MaxValue : parameters + tensor.Elements;
            string name = tensor.Name;
            if (name.StartsWith("blk.", StringComparison.Ordinal))
            {
                int block = Block(name, blocks, refuse);
                layers[block] += block < usedBlocks ? size : 0;
            }
            else if (name.StartsWith("rope_f", StringComparison.Ordinal))
            {
                shared += size;
            }
            else if (IsOutput(name, architecture))
            {
                layers[blocks] += size;
                hasOutput |= name == "output.weight";
            }
            else if (IsOfFirstBlock(name))
            {
                layers[0] += size;
            }
            else
            {
                inputs += size;
                if (name == "token_embd.weight")
                {
                    embedding = size;
                    vocabulary = tensor.Dimensions.Length > 1 ? tensor.Dimensions[1] : 0;
                }
            }
        }

        if (embedding == 0 || vocabulary is < 1 or > int.MaxValue)
        {
            throw refuse("has no token embeddings ('token_embd.weight')", "name the file of a whole language model");
        }

        if (!hasOutput)
        {
            layers[blocks] += embedding;
        }

        return new GgufModelWeights
        {
            Layers = ImmutableArray.Create(layers),
            Inputs = inputs,
            TiedOutput = hasOutput || CreatesOutputFirst(architecture) ? 0 : embedding,
            Shared = shared,
            Total = total,
            Parameters = parameters,
            VocabularySize = (int)vocabulary,
        };
    }

    /// <summary>llama.cpp's own list of the output layer's tensors (LLM_TENSOR_INFOS).</summary>
    private static bool IsOutput(string name, string architecture) =>
        name.StartsWith("output", StringComparison.Ordinal) || name.StartsWith("cls", StringComparison.Ordinal)
        || name.StartsWith("altup_", StringComparison.Ordinal) || name.StartsWith("dense_", StringComparison.Ordinal)
        || (name.StartsWith("token_embd_norm", StringComparison.Ordinal) && architecture.StartsWith("lfm2", StringComparison.Ordinal));

    /// <summary>These load the output before the embeddings, and so have two copies of tied ones even where both are on the host.</summary>
    private static bool CreatesOutputFirst(string architecture) => architecture is "gemma3n" or "gemma4";

    /// <summary>What prepares the embeddings runs with the first block.</summary>
    private static bool IsOfFirstBlock(string name) =>
        name.StartsWith("token_embd_norm", StringComparison.Ordinal) || name.StartsWith("per_layer_model_proj", StringComparison.Ordinal)
        || name.StartsWith("per_layer_proj_norm", StringComparison.Ordinal);

    private static int Block(string name, int blocks, Func<string, string, GgufFormatException> refuse)
    {
        ReadOnlySpan<char> rest = name.AsSpan("blk.".Length);
        int dot = rest.IndexOf('.');
        if (dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int block) && block < blocks)
        {
            return block;
        }

        throw refuse($"the tensor {GgufReader.Quote(name)} belongs to none of the {blocks} blocks", "the file is damaged or not a language model");
    }
}
