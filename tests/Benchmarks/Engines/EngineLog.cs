using System.Globalization;

namespace GpuStack.Benchmarks.Engines;

/// <summary>One published log of vLLM or SGLang: a row of <c>engine-logs.csv</c>, whose columns <c>engine-logs.md</c> explains.</summary>
internal sealed class EngineLog(IReadOnlyDictionary<string, string> fields)
{
    public string Case => fields["case"];

    public string Address => fields["address"];

    public bool IsVllm => fields["engine"] == "vLLM";

    public string Model => fields["model"];

    public string Text(string column) => fields[column];

    public double? Number(string column) =>
        fields[column].Length == 0 ? null
        : double.TryParse(fields[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
        : throw new IOException($"{Case}: {column} is '{fields[column]}', where a number is expected.");

    public int? Integer(string column) => Number(column) is { } value ? (int)value : null;

    public bool Flag(string column) => fields[column] == "true";

    /// <summary>All rows of a file.</summary>
    public static IReadOnlyList<EngineLog> Read(string path)
    {
        string[] lines = [.. File.ReadAllLines(path).Where(static line => line.Length > 0)];
        if (lines.Length < 2)
        {
            throw new IOException($"{path}: holds no rows; a header line and one line per log are expected.");
        }

        string[] columns = CsvLine.Fields(lines[0]);
        return
        [
            .. lines.Skip(1).Select(line =>
            {
                string[] values = CsvLine.Fields(line);
                return values.Length == columns.Length
                    ? new EngineLog(columns.Zip(values).ToDictionary(static pair => pair.First, static pair => pair.Second, StringComparer.Ordinal))
                    : throw new IOException($"{path}: the line '{line}' has {values.Length} fields, where the header names {columns.Length}.");
            }),
        ];
    }
}
