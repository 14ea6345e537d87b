namespace GpuStack.EndToEnd.Docs;

/// <summary>Links of the documentation lead somewhere.</summary>
public sealed class LinkTests
{
    public static TheoryData<string> Files => [.. MarkdownFile.All.Select(file => file.Path)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Links_lead_to_files_and_headings_that_are_there(string path)
    {
        MarkdownFile file = MarkdownFile.Read(path);
        List<string> broken = [];
        foreach (var (line, target) in file.Links())
        {
            if (Problem(file, target) is { } problem)
            {
                broken.Add($"{path}:{line}: {target}: {problem}");
            }
        }

        Assert.Equal([], broken);
    }

    private static string? Problem(MarkdownFile file, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return Uri.TryCreate(target, UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http" or "mailto" ? null : "this is no address";
        }

        string[] parts = target.Split('#', 2);
        string folder = Path.GetDirectoryName(Repository.PathOf(file.Path))!;
        string there = parts[0].Length == 0 ? Repository.PathOf(file.Path) : Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(parts[0])));
        if (!there.StartsWith(Path.GetFullPath(Repository.Root), StringComparison.Ordinal))
        {
            return "it leads out of the repository";
        }

        if (!File.Exists(there) && !Directory.Exists(there))
        {
            return "there is no such file";
        }

        return parts.Length == 1 || (Path.GetExtension(there) == ".md" && MarkdownFile.Read(Path.GetRelativePath(Repository.Root, there)).Anchors().Contains(parts[1]))
            ? null
            : "there is no such heading";
    }
}
