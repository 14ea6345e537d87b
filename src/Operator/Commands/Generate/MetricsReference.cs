using System.Text;
using GpuStack.Operator.Metrics;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>The table of all metrics.</summary>
internal static class MetricsReference
{
    public const string CommittedPath = "docs/guides/metrics.md";

    public static string GenerateMarkdown()
    {
        var text = new StringBuilder(
            """
            # Metrics

            <!-- Generated from the instruments. Write it anew with: dotnet run --project src/Operator -- generate reference --out . -->

            What `/metrics` answers, and what OTLP carries under the same names ([observability.md](observability.md) says how both are had). Series of
            fleet and deployments come from the replica that leads alone, so that sums over replicas are right. No label names a pod or a node, and series
            of a deployment end with it. Names that do not begin with `gpustack_` are those that dashboards for controller-runtime, client-go and
            Prometheus' own clients know.

            | metric | type | unit | labels | meaning |
            |---|---|---|---|---|

            """);
        foreach (var metric in MetricDescription.All().OrderBy(metric => metric.Name.StartsWith("gpustack_", StringComparison.Ordinal) ? 0 : 1))
        {
            var labels = string.Join(", ", MetricLabels.Of(metric.Name).Select(label => $"`{label}`"));
            text.Append("| `").Append(metric.Name).Append("` | ").Append(metric.Type).Append(" | ").Append(metric.Unit).Append(" | ").Append(labels)
                .Append(" | ").Append(metric.Meaning.TrimEnd('.').Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        }
        return text.ToString();
    }
}
