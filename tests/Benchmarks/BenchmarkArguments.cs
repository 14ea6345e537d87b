using System.Globalization;

namespace GpuStack.Benchmarks;

/// <summary>The options of a benchmark, as <c>--name value</c> pairs.</summary>
internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public BenchmarkArguments(ReadOnlySpan<string> arguments)
    {
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string name = arguments[i];
            if (!name.StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Length)
            {
                throw new ArgumentException($"'{name}' is no option with a value; options look like --name value.");
            }

            _values[name[2..]] = arguments[i + 1];
        }
    }

    public string Required(string name) =>
        _values.TryGetValue(name, out string? value) ? value : throw new ArgumentException($"The option --{name} is missing.");

    public string? Optional(string name) => _values.GetValueOrDefault(name);

    public int Integer(string name, int fallback) =>
        !_values.TryGetValue(name, out string? value) ? fallback
        : int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number
        : throw new ArgumentException($"--{name} is '{value}', where an integer is expected.");
}
