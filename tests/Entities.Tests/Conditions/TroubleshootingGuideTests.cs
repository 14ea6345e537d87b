using GpuStack.Entities.Conditions;

namespace GpuStack.Entities.Tests.Conditions;

/// <summary>
/// <c>docs/guides/troubleshooting.md</c> has one entry for each reason: a heading, the conditions that it stands in as <c>`Type=Status`</c>,
/// what to know, and a message in the operator's words as a quotation.
/// </summary>
public sealed class TroubleshootingGuideTests
{
    private const string Section = "## Reasons of conditions";

    private const string Heading = "### ";

    public static TheoryData<string> Reasons => [.. ConditionTable.Rows.Select(row => row.Reason).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void TheGuide_HasOneEntryForEachReason_AndNoOther() => Assert.Equal(
        ConditionTable.Rows.Select(row => row.Reason).Distinct().Order(StringComparer.Ordinal),
        Entries().Select(entry => entry.Reason).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Reasons))]
    public void AnEntry_NamesTheConditionsOfItsReason(string reason)
    {
        var entry = Entries().First(entry => entry.Reason == reason);

        Assert.Equal(
            ConditionTable.Rows.Where(row => row.Reason == reason).Select(row => $"{row.Type}={row.Status}").Order(StringComparer.Ordinal),
            entry.Lines[0].Split(',').Select(part => part.Trim().Trim('`')).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void AnEntry_SaysWhatToKnow_AndQuotesAMessage(string reason)
    {
        var entry = Entries().First(entry => entry.Reason == reason);

        Assert.Contains(entry.Lines, line => line.StartsWith("> ", StringComparison.Ordinal));
        Assert.Contains(entry.Lines[1..], line => !line.StartsWith('>'));
    }

    /// <summary>The entries of the section, with their lines that are not empty.</summary>
    private static List<(string Reason, string[] Lines)> Entries()
    {
        var lines = File.ReadAllLines(Path.Combine(CaseFiles.RepositoryRoot(), "docs", "guides", "troubleshooting.md"))
            .SkipWhile(line => line != Section).Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.Length > 0)
            .ToList();
        var headings = lines.Index().Where(line => line.Item.StartsWith(Heading, StringComparison.Ordinal)).Select(line => line.Index).ToList();
        return [.. headings.Zip(headings.Skip(1).Append(lines.Count), (from, to) => (lines[from][Heading.Length..], lines[(from + 1)..to].ToArray()))];
    }
}
