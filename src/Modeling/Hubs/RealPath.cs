using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>Where a path leads when every link on the way is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The path without links, <c>.</c> and <c>..</c>; parts that do not exist are kept as they are.</summary>
    /// <exception cref="ByteRangeException">Links lead in a circle, or cannot be read.</exception>
    public static string Of(string path)
    {
        int links = 0;
        try
        {
            return Resolve(Path.GetFullPath(path), ref links);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ByteRangeException($"{path}: cannot be followed: {exception.Message}", exception);
        }
    }

    /// <summary>Whether a path, with its links followed, lies in a directory or is it.</summary>
    public static bool IsWithin(string path, string directory)
    {
        string root = Of(directory).TrimEnd(Path.DirectorySeparatorChar);
        string real = Of(path);
        return real == root || real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static string Resolve(string full, ref int links)
    {
        string current = Path.GetPathRoot(full)!;
        foreach (string part in full[current.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MostLinks)
                {
                    throw new ByteRangeException($"{full}: more than {MostLinks} links lead on to one another; name the file itself.");
                }

                next = Resolve(Path.GetFullPath(target, current), ref links);
            }

            current = next;
        }

        return current;
    }
}
