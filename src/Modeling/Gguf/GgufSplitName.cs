using System.Globalization;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// The name of one file of a split model, <c>PREFIX-00002-of-00005.gguf</c>: the convention by which llama.cpp finds the other files
/// (<c>llama_split_path</c>). Five digits each, numbers from 1, lower case.
/// </summary>
/// <param name="Prefix">What all the names begin with.</param>
/// <param name="Index">Which of the files it is, from 0.</param>
/// <param name="Count">How many files there are.</param>
public sealed record GgufSplitName(string Prefix, int Index, int Count)
{
    private const string Extension = ".gguf";
    private const string Of = "-of-";
    private const int Digits = 5;
    private static readonly int EndingLength = 1 + Digits + Of.Length + Digits + Extension.Length;

    /// <summary>Understands a file name; null when it is not one of a split model.</summary>
    public static GgufSplitName? Parse(string fileName)
    {
        if (fileName.Length < EndingLength || !fileName.EndsWith(Extension, StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> ending = fileName.AsSpan(fileName.Length - EndingLength);
        return ending[0] == '-'
            && ending.Slice(1 + Digits, Of.Length).SequenceEqual(Of)
            && int.TryParse(ending.Slice(1, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(ending.Slice(1 + Digits + Of.Length, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && number >= 1 && number <= count
            ? new GgufSplitName(fileName[..^EndingLength], number - 1, count)
            : null;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{Index + 1:00000}-of-{Count:00000}{Extension}");
}
