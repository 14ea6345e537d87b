using System.Text;
using System.Text.RegularExpressions;

namespace GpuStack.EndToEnd.Docs;

/// <summary>A Markdown file of the repository: its links, its anchors and its shell blocks.</summary>
internal sealed partial class MarkdownFile
{
    private static readonly string[] Folders = ["docs", "charts", "config", "samples"];

    private readonly string[] _lines;

    private MarkdownFile(string path)
    {
        Path = path;
        _lines = File.ReadAllLines(Repository.PathOf(path));
    }

    /// <summary>From the repository's root.</summary>
    public string Path { get; }

    /// <summary>Every one that users or maintainers read.</summary>
    public static IEnumerable<MarkdownFile> All =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.md", SearchOption.AllDirectories)))
            .Select(file => System.IO.Path.GetRelativePath(Repository.Root, file))
            .Order(StringComparer.Ordinal)
            .Select(Read);

    public static MarkdownFile Read(string path) => new(path);

    /// <summary>The targets of links and pictures, with their line numbers; not those in code.</summary>
    public IEnumerable<(int Line, string Target)> Links()
    {
        foreach (var (line, text) in Prose())
        {
            foreach (Match match in Link().Matches(InlineCode().Replace(text, "")))
            {
                yield return (line, match.Groups["target"].Value);
            }
        }
    }

    /// <summary>The anchors of its headings, as GitHub makes them: a heading that is there twice gets a number.</summary>
    public HashSet<string> Anchors()
    {
        HashSet<string> anchors = new(StringComparer.Ordinal);
        foreach (var (_, text) in Prose())
        {
            if (Heading().Match(text) is not { Success: true } match)
            {
                continue;
            }

            string slug = Slug(match.Groups["title"].Value);
            for (int copy = 1; !anchors.Add(copy == 1 ? slug : $"{slug}-{copy - 1}"); copy++)
            {
            }
        }

        return anchors;
    }

    /// <summary>Whether its commands are for a cluster without the operator and its definition: the comment <c>&lt;!-- cluster: empty --&gt;</c> says so.</summary>
    public bool NeedsEmptyCluster => Array.IndexOf(_lines, "<!-- cluster: empty -->") >= 0;

    /// <summary>Its shell blocks, in order.</summary>
    public IEnumerable<ShellBlock> ShellBlocks()
    {
        for (int i = 0; i < _lines.Length; i++)
        {
            if (Shell().Match(_lines[i]) is not { Success: true } fence)
            {
                continue;
            }

            int start = i;
            StringBuilder commands = new();
            while (++i < _lines.Length && !_lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                commands.Append(_lines[i].AsSpan(Math.Min(fence.Groups["indent"].Length, _lines[i].Length - _lines[i].TrimStart().Length))).Append('\n');
            }

            string before = start > 0 ? _lines[start - 1].Trim() : "";
            yield return new ShellBlock(Path, start + 1, commands.ToString(), NotRun().Match(before) is { Success: true } match ? match.Groups["why"].Value : null)
            {
                Fails = before == "<!-- ends with exit code 1 -->",
            };
        }
    }

    private IEnumerable<(int Line, string Text)> Prose()
    {
        bool isCode = false;
        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (!isCode)
            {
                yield return (i + 1, _lines[i]);
            }
        }
    }

    private static string Slug(string title)
    {
        StringBuilder slug = new();
        foreach (char letter in Link().Replace(title, match => match.Groups["text"].Value).Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(letter) || letter is '-' or '_')
            {
                slug.Append(letter);
            }
            else if (letter == ' ')
            {
                slug.Append('-');
            }
        }

        return slug.ToString();
    }

    [GeneratedRegex(@"!?\[(?<text>[^\]]*)\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`", RegexOptions.None, 1000)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^#{1,6}\s+(?<title>.*?)\s*#*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?<indent>\s*)```(sh|bash|shell|console)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Shell();

    [GeneratedRegex(@"^<!-- not run: (?<why>.+) -->$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NotRun();
}
