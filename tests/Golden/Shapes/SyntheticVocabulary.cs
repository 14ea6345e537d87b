using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Golden.Shapes;

/// <summary>A SentencePiece vocabulary of a given size that llama.cpp loads: three control tokens, the 256 bytes, and words.</summary>
internal static class SyntheticVocabulary
{
    private const int Unknown = 2;
    private const int Control = 3;
    private const int Byte = 6;
    private const int Normal = 1;

    /// <summary>llama.cpp looks this token up in models that are named phi-3.</summary>
    private const string EndOfText = "<|endoftext|>";

    public static void Add(GgufWriter writer, int size)
    {
        var tokens = new string[size];
        var types = new int[size];
        var scores = new float[size];
        for (int i = 0; i < size; i++)
        {
            (tokens[i], types[i]) = i switch
            {
                0 => ("<unk>", Unknown),
                1 => ("<s>", Control),
                2 => ("</s>", Control),
                < 259 => (string.Create(CultureInfo.InvariantCulture, $"<0x{i - 3:X2}>"), Byte),
                300 => (EndOfText, Normal),
                _ => (string.Create(CultureInfo.InvariantCulture, $"t{i}"), Normal),
            };
            scores[i] = -i;
        }

        writer.Add("tokenizer.ggml.model", "llama");
        writer.Add("tokenizer.ggml.tokens", tokens);
        writer.Add("tokenizer.ggml.scores", scores);
        writer.Add("tokenizer.ggml.token_type", types);
        writer.Add("tokenizer.ggml.bos_token_id", 1u);
        writer.Add("tokenizer.ggml.eos_token_id", 2u);
    }
}
