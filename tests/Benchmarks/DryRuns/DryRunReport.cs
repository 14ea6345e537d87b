using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuStack.Benchmarks.DryRuns;

/// <summary>What the log of llama-server's dry pass (<c>-fit on -v</c>) says before a tensor is loaded.</summary>
internal sealed partial class DryRunReport
{
    private readonly List<(string Name, string Endpoint, int Weights, int Context, int Compute)> _devices = [];
    private readonly List<(string Buffer, string MiB)> _compute = [];
    private readonly Dictionary<string, (int First, int Last)> _layers = new(StringComparer.Ordinal);
    private readonly List<(double MiB, string Cells, string Layers)> _caches = [];
    private double _recurrent;
    private string _architecture = "";
    private string _blocks = "";
    private string _copies = "";
    private string _outputs = "";
    private string _outputBuffer = "";
    private string _failure = "";

    /// <summary>Whether the table of all devices has been read.</summary>
    public bool Complete { get; private set; }

    /// <summary>The last line that speaks of an error.</summary>
    public string Failure => _failure;

    /// <summary>Takes the next line of the log.</summary>
    public void Read(string line)
    {
        if (line.Contains("common_memory_breakdown_print", StringComparison.Ordinal))
        {
            ReadDevice(line);
        }
        else if (_devices.Count > 0)
        {
            Complete = true;
        }
        else if (LayerPlace().Match(line) is { Success: true } place)
        {
            int layer = int.Parse(place.Groups["layer"].ValueSpan, CultureInfo.InvariantCulture);
            string device = place.Groups["device"].Value;
            _layers[device] = (_layers.TryGetValue(device, out (int First, int Last) range) ? range.First : layer, layer);
        }
        else if (ComputeBuffer().Match(line) is { Success: true } compute)
        {
            _compute.Add((compute.Groups["buffer"].Value, compute.Groups["size"].Value));
        }
        else if (Cache().Match(line) is { Success: true } cache)
        {
            double size = double.Parse(cache.Groups["size"].ValueSpan, CultureInfo.InvariantCulture);
            if (cache.Groups["kind"].Value == "memory_recurrent")
            {
                _recurrent += size;
            }
            else
            {
                _caches.Add((size, cache.Groups["cells"].Value, cache.Groups["layers"].Value));
            }
        }
        else
        {
            ReadFact(line);
        }
    }

    /// <summary>The columns from <c>sched_copies</c> on, one line a device.</summary>
    public IEnumerable<string> DeviceColumns()
    {
        string common = string.Join(',',
            _copies, _outputs, string.Join('+', _caches.Select(cache => cache.Cells)), string.Join('+', _caches.Select(cache => cache.Layers)),
            MiB(_caches.Sum(cache => cache.MiB)), MiB(_recurrent), _outputBuffer);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string name, string endpoint, int weights, int context, int compute) in _devices)
        {
            string buffer = endpoint.Length > 0 ? endpoint : name == "Host" ? "CPU" : name;
            int number = seen.GetValueOrDefault(buffer);
            seen[buffer] = number + 1;
            string exact = _compute.Where(entry => endpoint.Length > 0 ? entry.Buffer.EndsWith($"[{endpoint}]", StringComparison.Ordinal) : entry.Buffer == buffer)
                .Select(entry => entry.MiB).ElementAtOrDefault(number) ?? "";
            string layers = _layers.TryGetValue(name, out (int First, int Last) range) ? string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}") : "";
            yield return string.Create(CultureInfo.InvariantCulture, $"{common},{name},{layers},{weights},{context},{compute},{exact}");
        }
    }

    /// <summary>The columns <c>arch</c> and <c>n_layer</c>.</summary>
    public (string Architecture, string Blocks) Model => (_architecture, _blocks);

    private void ReadDevice(string line)
    {
        if (Device().Match(line) is { Success: true } device)
        {
            _devices.Add((device.Groups["name"].Value, device.Groups["endpoint"].Value, Integer(device.Groups["model"]), Integer(device.Groups["context"]), Integer(device.Groups["compute"])));
        }
    }

    private void ReadFact(string line)
    {
        if (Fact().Match(line) is { Success: true } fact)
        {
            string value = fact.Groups["value"].Value;
            switch (fact.Groups["fact"].Value)
            {
                case "sched copies =": _copies = value; break;
                case "n_outputs =": _outputs = value; break;
                case "output buffer size =": _outputBuffer = value; break;
                case "print_info: arch": _architecture = value; break;
                case "print_info: n_layer" when _blocks.Length == 0: _blocks = value; break;
            }
        }
        else if (line.Contains("error", StringComparison.OrdinalIgnoreCase) || line.Contains("failed", StringComparison.OrdinalIgnoreCase))
        {
            _failure = line;
        }
    }

    private static string MiB(double value) => value == 0 ? "" : value.ToString("0.00", CultureInfo.InvariantCulture);

    private static int Integer(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex(@"load_tensors: layer +(?<layer>\d+) assigned to device (?<device>\S+),", Options, 1000)]
    private static partial Regex LayerPlace();

    [GeneratedRegex(@"sched_reserve: +(?<buffer>\S+) compute buffer size = +(?<size>[\d.]+) MiB", Options, 1000)]
    private static partial Regex ComputeBuffer();

    [GeneratedRegex(@"llama_(?<kind>kv_cache|memory_recurrent)\S*: size = +(?<size>[\d.]+) MiB \( *(?<cells>\d+) cells, +(?<layers>\d+) layers", Options, 1000)]
    private static partial Regex Cache();

    [GeneratedRegex(@"print: \| +- (?<name>\S+)( \((?<endpoint>\S+)\))? +\|.*?[( ]\d+ = +(?<model>\d+) \+ +(?<context>\d+) \+ +(?<compute>\d+)[ )]", Options, 1000)]
    private static partial Regex Device();

    [GeneratedRegex(@"(?<fact>sched copies =|n_outputs =|output buffer size =|print_info: arch|print_info: n_layer) +(= )?(?<value>[\w.-]+)", Options, 1000)]
    private static partial Regex Fact();
}
