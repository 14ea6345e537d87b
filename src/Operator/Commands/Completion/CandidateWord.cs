namespace GpuStack.Operator.Commands.Completion;

/// <summary>A word that may stand next.</summary>
/// <param name="Word">The word.</param>
/// <param name="Description">What it means, in one line; null when it speaks for itself.</param>
internal sealed record CandidateWord(string Word, string? Description = null)
{
    /// <summary>As kubectl and the shells' scripts read it: control characters would end the line or start another column.</summary>
    public override string ToString() => Description is { Length: > 0 } ? $"{Plain(Word)}\t{Plain(Description)}" : Plain(Word);

    private static string Plain(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
