using System.Text.Json;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>
/// Parses a configuration. Python writes numbers that JSON does not know (<c>Infinity</c>, <c>NaN</c>: the time-step limits of
/// Mamba models); outside of strings they are replaced by 0 before the text is parsed, as no size depends on them.
/// </summary>
internal static class ConfigText
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>Parses an object.</summary>
    /// <exception cref="TransformerFormatException">It is no JSON object.</exception>
    public static JsonElement Parse(string file, ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(HasPythonNumbers(utf8.Span) ? WithoutPythonNumbers(utf8.Span) : utf8, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new TransformerFormatException(file, "holds no JSON object", "it is no model's configuration");
        }
        catch (JsonException exception)
        {
            throw new TransformerFormatException(
                file, $"is no valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}", "download it again");
        }
    }

    private static bool HasPythonNumbers(ReadOnlySpan<byte> text) => text.IndexOf("Infinity"u8) >= 0 || text.IndexOf("NaN"u8) >= 0;

    private static byte[] WithoutPythonNumbers(ReadOnlySpan<byte> text)
    {
        byte[] copy = text.ToArray();
        bool quoted = false;
        for (int i = 0; i < copy.Length; i++)
        {
            if (copy[i] == '"')
            {
                quoted = !quoted;
            }
            else if (quoted)
            {
                i += copy[i] == '\\' ? 1 : 0;
            }
            else
            {
                int length = LengthOfPythonNumber(copy.AsSpan(i));
                if (length > 0)
                {
                    copy.AsSpan(i, length).Fill((byte)' ');
                    copy[i] = (byte)'0';
                }
            }
        }

        return copy;
    }

    private static int LengthOfPythonNumber(ReadOnlySpan<byte> text) => text switch
    {
        _ when text.StartsWith("-Infinity"u8) => "-Infinity".Length,
        _ when text.StartsWith("Infinity"u8) => "Infinity".Length,
        _ when text.StartsWith("NaN"u8) => "NaN".Length,
        _ => 0,
    };
}
