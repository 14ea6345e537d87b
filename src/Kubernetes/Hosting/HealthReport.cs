using System.Collections.Immutable;
using System.Text;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>The answer of a health endpoint, in the words of kube-apiserver and controller-runtime.</summary>
/// <param name="Status">200, 404 or 500.</param>
/// <param name="Text">The body.</param>
/// <param name="Failed">The checks that failed, with their reasons: for the log, not for the body.</param>
internal sealed record HealthReport(int Status, string Text, ImmutableArray<string> Failed)
{
    private const int MaxNames = 8;
    private const int MaxName = 64;

    /// <summary>All checks together: <c>ok</c>, or a line for each. Reasons are withheld, for anybody may read them here.</summary>
    public static HealthReport OfAll(string endpoint, HealthChecks checks, IEnumerable<string> exclude, bool verbose)
    {
        var unknown = exclude.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        var failed = ImmutableArray.CreateBuilder<string>();
        foreach (var (name, check) in checks.All)
        {
            if (unknown.Remove(name))
            {
                text.Append("[+]").Append(name).Append(" excluded: ok\n");
            }
            else if (Reason(check) is { } reason)
            {
                failed.Add($"{name}: {reason}");
                text.Append("[-]").Append(name).Append(" failed: reason withheld\n");
            }
            else
            {
                text.Append("[+]").Append(name).Append(" ok\n");
            }
        }

        if (failed.Count == 0 && !verbose) return new HealthReport(200, "ok", []);
        if (unknown.Count > 0)
        {
            text.Append("warn: some health checks cannot be excluded: no matches for ")
                .AppendJoin(", ", unknown.Take(MaxNames).Select(name => $"\"{Printable(name)}\""))
                .Append('\n');
        }

        text.Append(endpoint).Append(failed.Count == 0 ? " check passed\n" : " check failed\n");
        return new HealthReport(failed.Count == 0 ? 200 : 500, text.ToString(), failed.ToImmutable());
    }

    /// <summary>One check by its name, with its reason.</summary>
    public static HealthReport OfOne(HealthChecks checks, string name)
    {
        foreach (var (known, check) in checks.All)
        {
            if (known != name) continue;
            return Reason(check) is { } reason
                ? new HealthReport(500, $"internal server error: {reason}\n", [$"{name}: {reason}"])
                : new HealthReport(200, "ok", []);
        }

        return new HealthReport(404, "404 page not found\n", []);
    }

    private static string? Reason(Func<string?> check)
    {
        try
        {
            return check();
        }
#pragma warning disable CA1031 // A check that throws is a check that fails.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e.Message;
        }
    }

    private static string Printable(string name) => new([.. name.Take(MaxName).Select(c => c is '"' or '\\' || char.IsControl(c) ? '?' : c)]);
}
