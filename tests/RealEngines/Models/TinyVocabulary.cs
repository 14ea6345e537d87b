using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.RealEngines.Models;

/// <summary>
/// A SentencePiece vocabulary: control tokens, the 256 bytes (whatever has no piece), the small letters, and pieces that are joined of
/// others, the longer ones with the better scores. ▁ stands for a space.
/// </summary>
internal static class TinyVocabulary
{
    private const int Normal = 1;
    private const int Unknown = 2;
    private const int Control = 3;
    private const int Byte = 6;

    /// <summary>Every piece longer than a letter is two others joined: SentencePiece gets to it step by step.</summary>
    private static readonly string[] Joined =
    [
        "▁t", "he", "▁the", "▁a", "in", "er", "▁w", "or", "ld", "▁wor", "▁world", "hel", "lo", "hello", "▁hello", "an", "nd", "▁and", "re", "on",
    ];

    private static readonly (string Text, int Type, float Score)[] Tokens = [.. All()];

    public static int Size => Tokens.Length;

    /// <summary>The number of a piece.</summary>
    public static int IdOf(string piece) => Array.FindIndex(Tokens, token => token.Text == piece);

    public static void AddTo(GgufWriter header)
    {
        header.Add("tokenizer.ggml.model", "llama");
        header.Add("tokenizer.ggml.tokens", [.. Tokens.Select(token => token.Text)]);
        header.Add("tokenizer.ggml.scores", [.. Tokens.Select(token => token.Score)]);
        header.Add("tokenizer.ggml.token_type", [.. Tokens.Select(token => token.Type)]);
        header.Add("tokenizer.ggml.bos_token_id", (uint)IdOf("<s>"));
        header.Add("tokenizer.ggml.eos_token_id", (uint)IdOf("</s>"));
        header.Add("tokenizer.ggml.unknown_token_id", (uint)IdOf("<unk>"));
    }

    private static IEnumerable<(string Text, int Type, float Score)> All()
    {
        yield return ("<unk>", Unknown, 0);
        yield return ("<s>", Control, 0);
        yield return ("</s>", Control, 0);
        for (var value = 0; value < 256; value++)
            yield return (string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), Byte, 0);
        yield return ("▁", Normal, -1000);
        for (var letter = 'a'; letter <= 'z'; letter++)
            yield return ($"{letter}", Normal, -1000);
        foreach (var piece in Joined)
            yield return (piece, Normal, -100 + piece.Length);
    }
}
