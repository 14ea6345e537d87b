using Microsoft.Net.Http.Headers;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>Which format a client of <c>/metrics</c> gets. Pure.</summary>
internal static class MetricsNegotiation
{
    private const string OpenMetrics = "application/openmetrics-text";

    /// <summary>
    /// OpenMetrics is for those that name it, in version 1.0.0 or without one, and do not prefer plain text; everybody else gets plain text,
    /// whatever they accept: a person with a browser is better served by that than by a refusal.
    /// </summary>
    /// <param name="accept">The values of the Accept header.</param>
    public static bool PrefersOpenMetrics(IEnumerable<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var accepted)) return false;
        var open = Quality(accepted.Where(type => Is(type, OpenMetrics) && Version(type) is null or "1.0.0"));
        if (open <= 0) return false;
        // Of what covers plain text, the most particular counts.
        var text = accepted.Where(type => Is(type, "text/plain") && Version(type) is null or "0.0.4").ToList();
        if (text.Count == 0) text = [.. accepted.Where(type => Is(type, "text/*"))];
        if (text.Count == 0) text = [.. accepted.Where(type => type.MatchesAllTypes)];
        return open >= Quality(text);
    }

    private static bool Is(MediaTypeHeaderValue type, string name) => type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static double Quality(IEnumerable<MediaTypeHeaderValue> types) => types.Select(type => type.Quality ?? 1).DefaultIfEmpty(0).Max();

    private static string? Version(MediaTypeHeaderValue type)
    {
        foreach (var parameter in type.Parameters)
        {
            if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase)) return parameter.GetUnescapedValue().Value;
        }

        return null;
    }
}
