using System.Text;
using GpuStack.Entities.Conditions;

namespace GpuStack.Entities.Generation;

/// <summary>The guide to conditions, made from <see cref="ConditionTable"/>.</summary>
public static class ConditionsReference
{
    /// <summary>Path of the committed file, from the repository's root.</summary>
    public const string CommittedPath = "docs/guides/conditions.md";

    /// <summary>The guide as Markdown.</summary>
    public static string GenerateMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# Conditions of a ModelDeployment\n\n");
        text.Append("<!-- Generated from src/Entities/Conditions. Write it anew with: ").Append(ApiReference.Command).Append(" -->\n\n");
        text.Append("`kubectl describe mdeploy NAME` shows them. The messages carry the numbers; this table says what the reasons mean.\n\n");
        text.Append("| Condition | Status | Reason | Meaning | What to do |\n|---|---|---|---|---|\n");
        foreach (var row in ConditionTable.Rows)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {row.Type} | {row.Status} | {row.Reason} | {row.Meaning} | {row.Remedy} |\n");
        return text.ToString();
    }
}
