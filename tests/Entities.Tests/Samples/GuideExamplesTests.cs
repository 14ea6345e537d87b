using GpuStack.Entities.Manifests;

namespace GpuStack.Entities.Tests.Samples;

/// <summary>What the guides show as a whole ModelDeployment must be accepted as it stands.</summary>
public sealed class GuideExamplesTests
{
    private const string Fence = "```";

    /// <summary>Guide and line of each YAML block that is a ModelDeployment.</summary>
    public static TheoryData<string, int> Examples
    {
        get
        {
            var examples = new TheoryData<string, int>();
            foreach (var guide in Directory.EnumerateFiles(Guides, "*.md").Order(StringComparer.Ordinal))
            {
                foreach (var (line, _) in Blocks(guide).Where(block => block.Text.Split('\n').Contains($"kind: {ModelDeploymentReader.Kind}")))
                    examples.Add(Path.GetFileName(guide), line);
            }
            return examples;
        }
    }

    private static string Guides => Path.Combine(CaseFiles.RepositoryRoot(), "docs", "guides");

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsAccepted(string guide, int line)
    {
        var block = Assert.Single(Blocks(Path.Combine(Guides, guide)), block => block.Line == line);

        Assert.NotNull(ModelDeploymentReader.Read(block.Text, $"{guide}, line {line}"));
    }

    private static List<(int Line, string Text)> Blocks(string guide)
    {
        var blocks = new List<(int, string)>();
        var lines = File.ReadAllLines(guide);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] is not (Fence + "yaml" or Fence + "yml"))
                continue;
            var end = Array.IndexOf(lines, Fence, i + 1);
            blocks.Add((i + 1, string.Join('\n', lines[(i + 1)..end])));
            i = end;
        }
        return blocks;
    }
}
