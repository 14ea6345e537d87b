using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>
/// Series that are shown, at zero, before anything is measured: a rate over a counter that appears with its first error
/// misses that error. They are kept here, so that an exporter that starts later knows them as well.
/// </summary>
internal static class KnownSeries
{
    private static readonly ConcurrentDictionary<(Instrument Instrument, string Labels), KeyValuePair<string, object?>[]> Series = new();

    public static void Declare(Counter<long> counter, params KeyValuePair<string, object?>[] tags)
    {
        if (Note(counter, tags)) counter.Add(0, tags);
    }

    public static void Declare(Histogram<double> histogram, params KeyValuePair<string, object?>[] tags) => Note(histogram, tags);

    public static IEnumerable<(Instrument Instrument, KeyValuePair<string, object?>[] Tags)> All() => Series.Select(static pair => (pair.Key.Instrument, pair.Value));

    private static bool Note(Instrument instrument, KeyValuePair<string, object?>[] tags) => Series.TryAdd((instrument, LabelText.Of(tags)), tags);
}
