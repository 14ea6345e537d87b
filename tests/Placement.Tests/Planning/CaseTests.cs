using System.Text.Json;
using GpuStack.Modeling;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>The files in <c>cases/</c>: a sample model, nodes, and what must come out.</summary>
public sealed class CaseTests
{
    private static readonly string s_root = Root();

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Path.Combine(s_root, "tests", "Placement.Tests", "cases"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Plan_is_as_expected(string name)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var path = Path.Combine(s_root, "tests", "Placement.Tests", "cases", name + ".json");
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(path, cancellation));
        var input = document.RootElement;
        var expected = input.GetProperty("expected");

        var fleet = TestFleets.Build([.. input.GetProperty("nodes").EnumerateArray().Select(Node)]);
        var request = await Request(input, cancellation);
        var plan = Planner.Plan(fleet, request, []);

        PlanChecks.Hold(plan, fleet, request);
        Assert.Equal(expected.GetProperty("feasible").GetBoolean(), plan.Feasible);
        Assert.Equal(expected.GetProperty("leader").GetString(), plan.Groups.FirstOrDefault()?.Leader.Node);
        Assert.Equal(
            expected.GetProperty("workers").EnumerateArray().Select(w => w.GetString()),
            plan.Groups.SelectMany(g => g.Workers).Select(w => w.Node));
        if (expected.TryGetProperty("rejected", out var rejected))
        {
            foreach (var reason in rejected.EnumerateObject())
                Assert.Equal(reason.Value.GetInt32(), plan.Rejected.Where(r => r.Reason == reason.Name).Sum(r => r.Nodes));
        }

        if (expected.TryGetProperty("suggested", out var suggested))
        {
            foreach (var change in suggested.EnumerateArray())
                Assert.Contains(plan.Suggestions, s => s.Change.StartsWith(change.GetString()!, StringComparison.Ordinal));
        }
    }

    private static NodeFacts Node(JsonElement node)
    {
        var name = node.GetProperty("name").GetString()!;
        var gpus = node.GetProperty("gpus").GetInt32();
        return gpus == 0
            ? TestFleets.CpuOnly(name)
            : TestFleets.Nvidia(
                name, gpus, node.GetProperty("product").GetString()!, node.GetProperty("memoryMiB").GetInt32(),
                node.GetProperty("cpu").GetInt64() * 1000, node.GetProperty("hostGiB").GetInt64());
    }

    private static async Task<PlacementRequest> Request(JsonElement input, CancellationToken cancellation)
    {
        var model = input.GetProperty("model").GetString()!;
        await using var source = FileByteRangeSource.Open(Path.Combine(s_root, "samples", "models", model));
        var header = await GgufReader.ReadAsync(source, GgufLimits.Default, cancellation);
        return new PlacementRequest
        {
            Name = "case",
            Launch = new LlamaCppLaunch(LlamaCppModel.FromGguf(header), new LlamaCppOptions { ContextLength = new Tokens(input.GetProperty("contextLength").GetInt64()) }),
            CpuOffload = input.TryGetProperty("cpuOffload", out var offload) && offload.GetBoolean(),
            LeaderNode = input.TryGetProperty("leader", out var leader) ? leader.GetString() : null,
            CpuRequestMillis = 1000,
        };
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "GpuStack.Operator.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
