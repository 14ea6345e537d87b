namespace GpuStack.Modeling.Sources;

/// <summary>File names that a model's own files state (the shards of an index): they must not lead out of the model's folder.</summary>
public static class RelativePath
{
    private const int MaximumLength = 1024;

    /// <summary>
    /// True for one or more plain names with <c>/</c> between them: not absolute, no empty, <c>.</c> or <c>..</c> part, and none of
    /// the characters that mean something else in a path or an address of some system.
    /// </summary>
    public static bool IsSafe(string path)
    {
        if (path.Length is 0 or > MaximumLength)
        {
            return false;
        }

        foreach (char character in path)
        {
            if (char.IsControl(character) || character is '\\' or ':' or '?' or '#' or '%' or '*' or '"' or '<' or '>' or '|')
            {
                return false;
            }
        }

        foreach (Range part in path.AsSpan().Split('/'))
        {
            if (path.AsSpan()[part] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }
}
