using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Operator.Objects.Serving;

namespace GpuStack.Operator.Tests.Objects;

/// <summary>
/// Every flag in the command lines of the golden cases is one that the engine documents: <c>cases/engine-flags.tsv</c> names the source of
/// each. llama.cpp is not in it, because its own argument parser is asked.
/// </summary>
public class EngineFlagsTests
{
    private static readonly string Folder = Path.Combine(Inputs.Root, "tests", "Operator.Tests", "cases");
    private static readonly Dictionary<(string Engine, string Flag), string[]> Documented = ReadTable();

    [Theory]
    [InlineData("vllm")]
    [InlineData("sglang")]
    public async Task Every_flag_of_a_golden_command_is_documented(string folder)
    {
        var commands = new List<string[]>();
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, folder), "objects.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            commands.AddRange(YamlReader.ReadDocuments(text, file, YamlLimits.Manifest).SelectMany(EngineCommands));
        }

        Assert.NotEmpty(commands);
        var flags = commands.SelectMany(Flags).ToList();
        Assert.NotEmpty(flags);
        Assert.Empty(flags.Where(flag => !Documented.ContainsKey((flag.Engine, flag.Name))).Select(flag => $"{flag.Engine} {flag.Name}").Distinct());
        Assert.All(
            flags.Where(flag => Documented[(flag.Engine, flag.Name)].Length > 0), flag => Assert.Contains(flag.Value, Documented[(flag.Engine, flag.Name)]));
    }

    [Theory]
    [InlineData(EngineType.VLLM, "vllm")]
    [InlineData(EngineType.SGLang, "sglang")]
    public void Every_cache_type_of_the_spec_is_one_of_the_engine(EngineType engine, string name) =>
        Assert.All(["auto", "bf16", "fp8", "fp8_e4m3", "fp8_e5m2"], type => Assert.Contains(CacheTypeName.Of(engine, type), Documented[(name, "--kv-cache-dtype")]));

    [Fact]
    public void Every_flag_has_a_source() =>
        Assert.All(File.ReadLines(Path.Combine(Folder, "engine-flags.tsv")).Where(IsRow).Skip(1), row => Assert.StartsWith("https://", row.Split('\t')[3], StringComparison.Ordinal));

    /// <summary>What stands after the supervisor's <c>--</c>.</summary>
    private static IEnumerable<string[]> EngineCommands(JsonNode document) =>
        (document["spec"]?["template"]?["spec"]?["containers"]?.AsArray() ?? [])
        .Select(container => container!["args"]!.AsArray().Select(argument => $"{argument}").SkipWhile(argument => argument != "--").Skip(1).ToArray());

    /// <summary>The flags of <c>vllm</c>, <c>sglang.launch_server</c> or <c>ray start</c>; the script that starts ray hands what follows its own <c>--</c> on.</summary>
    private static IEnumerable<(string Engine, string Name, string Value)> Flags(string[] command)
    {
        var engine = command[0] switch { "vllm" => "vllm", "python3" => "sglang", "/bin/bash" => "ray", var other => throw new InvalidOperationException($"What is {other}?") };
        var script = engine == "ray" ? 3 : 1;
        for (var i = script; i < command.Length; i++)
        {
            if (command[i] == "--")
                engine = command[i + 1];
            else if (command[i].StartsWith("--", StringComparison.Ordinal))
                yield return command[i].Split('=', 2) is [var name, var value] ? (engine, name, value) : (engine, command[i], i + 1 < command.Length ? command[i + 1] : "");
        }
    }

    private static Dictionary<(string Engine, string Flag), string[]> ReadTable() =>
        File.ReadLines(Path.Combine(Folder, "engine-flags.tsv")).Where(IsRow).Skip(1).Select(row => row.Split('\t'))
        .ToDictionary(cells => (cells[0], cells[1]), cells => cells[2].Split('|', StringSplitOptions.RemoveEmptyEntries));

    private static bool IsRow(string line) => line.Length > 0 && line[0] != '#';
}
