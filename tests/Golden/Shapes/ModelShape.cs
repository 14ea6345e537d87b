using System.Text.Json;

namespace GpuStack.Golden.Shapes;

/// <summary>A model as a shape file describes it: its public hyper-parameters, and templates of its tensors.</summary>
internal sealed record ModelShape
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The model's name, which is also the file's.</summary>
    public required string Name { get; init; }

    /// <summary>The value of <c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The quantization, for example Q4_K_M.</summary>
    public required string FileType { get; init; }

    /// <summary>Whether it is one of the 70B models, whose value projections llama.cpp's quantizer gives a better type.</summary>
    public bool SeventyBillion { get; init; }

    /// <summary>What expressions may name. <c>L</c> is the number of blocks, <c>V</c> of the vocabulary's entries, <c>X</c> of experts.</summary>
    public required Dictionary<string, long> Sizes { get; init; }

    /// <summary>Metadata by key without the architecture's prefix.</summary>
    public required Dictionary<string, JsonElement> Metadata { get; init; }

    /// <summary>Metadata by whole key, for what stands outside of the architecture's own.</summary>
    public Dictionary<string, JsonElement> General { get; init; } = [];

    /// <summary>Dimensions by tensor, outside of blocks: <c>"E, V"</c>, with a type when it is not the file type's: <c>"E, V : F16"</c>.</summary>
    public required Dictionary<string, string> Tensors { get; init; }

    /// <summary>The tensors of blocks.</summary>
    public required BlockShape[] Blocks { get; init; }

    /// <summary>Reads a shape file.</summary>
    /// <exception cref="FormatException">The file is no shape.</exception>
    public static ModelShape Read(string path)
    {
        try
        {
            ModelShape shape = JsonSerializer.Deserialize<ModelShape>(File.ReadAllText(path), Json) ?? throw new JsonException("It is empty.");
            return shape.Name == Path.GetFileNameWithoutExtension(path) ? shape : throw new JsonException($"It names the model {shape.Name}.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{path} is no shape file: {exception.Message}", exception);
        }
    }
}

/// <summary>Tensors that some or all blocks have.</summary>
/// <param name="Where">An expression over the block's number <c>i</c> that is true for these blocks; all blocks without it.</param>
/// <param name="Tensors">Dimensions by name without the prefix <c>blk.N.</c></param>
internal sealed record BlockShape(string? Where, Dictionary<string, string> Tensors);
