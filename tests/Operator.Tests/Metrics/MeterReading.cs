using System.Diagnostics.Metrics;

namespace GpuStack.Operator.Tests.Metrics;

/// <summary>What the observable instruments of one meter say now.</summary>
internal static class MeterReading
{
    /// <summary>Values by name and labels: <c>name{a=x,b=y}</c>, in the labels' own order.</summary>
    public static SortedDictionary<string, double> Of(Meter meter)
    {
        var found = new SortedDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == meter && instrument.IsObservable)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.Start();
        listener.RecordObservableInstruments();
        return found;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            var text = string.Join(',', labels.ToArray().Select(label => $"{label.Key}={label.Value}"));
            found.Add(text.Length == 0 ? instrument.Name : $"{instrument.Name}{{{text}}}", value);
        }
    }
}
