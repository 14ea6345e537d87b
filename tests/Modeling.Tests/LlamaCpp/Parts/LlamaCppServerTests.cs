using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Parts;
using GpuStack.Modeling.LlamaCpp.Projectors;
using GpuStack.Modeling.Tests.LlamaCpp.Projectors;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp.Parts;

public class LlamaCppServerTests
{
    /// <summary>llama-server reports whole MiB, rounded down.</summary>
    private const double Rounding = 2;

    public static TheoryData<int> DraftCases => [.. DraftRows().Select(row => int.Parse(row[0], CultureInfo.InvariantCulture)).Distinct()];

    /// <summary>Llama 3.3 70B with a draft of Llama 3.2 1B, as llama-server (0.7.0, build 11669) reports the draft before it loads.</summary>
    [Theory]
    [MemberData(nameof(DraftCases))]
    public async Task A_draft_is_booked_as_llama_server_does(int number)
    {
        string[][] rows = [.. DraftRows().Where(row => int.Parse(row[0], CultureInfo.InvariantCulture) == number)];
        int[] numbers = [.. new[] { 1, 2, 6, 7 }.Select(field => int.Parse(rows[0][field], CultureInfo.InvariantCulture))];
        float[] shares = [.. rows[0][8].Split('/').Select(share => float.Parse(share, CultureInfo.InvariantCulture))];
        LlamaCppServer server = await ServerAsync() with
        {
            DraftOptions = new DraftOptions { KeyType = CacheType(rows[0][4]), ValueType = CacheType(rows[0][5]), GpuLayers = numbers[3] },
        };
        var options = new LlamaCppOptions
        {
            ContextLength = new Tokens(numbers[0]),
            ParallelRequests = numbers[1],
            KeyType = CacheType(rows[0][3]),
            ValueType = CacheType(rows[0][3]),
        };
        int layers = Math.Min(numbers[2], server.Model.BlockCount + 1);

        MemoryEstimate estimate = server.Estimate(options, new DeviceSplit { LayersPerDevice = LayerSplit.LayersPerDevice(layers, shares) }, shares);

        MemoryPart draft = Assert.Single(estimate.Parts, part => part.Kind == MemoryPartKind.Draft);
        Assert.Equal(rows.Length, draft.Devices.Length);
        foreach ((string[] row, DeviceMemory device) in rows.Zip(draft.Devices))
        {
            double[] reported = [.. row[10..].Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
            Assert.Equal(row[9], device.Index?.ToString(CultureInfo.InvariantCulture) ?? "host");
            Assert.InRange(device.Weight.MiB - reported[0], 0, Rounding);
            Assert.InRange(device.KvCache.MiB - reported[1], 0, Rounding);
            double difference = (device.Total - device.Overhead).MiB - reported.Sum();
            Assert.InRange(difference, (-0.01 * reported.Sum()) - Rounding, (0.01 * reported.Sum()) + Rounding);
        }
    }

    [Fact]
    public async Task Devices_are_the_sums_of_the_parts()
    {
        LlamaCppServer server = await ServerAsync() with { Projector = await ProjectorAsync() };
        var options = new LlamaCppOptions { ContextLength = new Tokens(4096) };

        MemoryEstimate estimate = server.Estimate(options, new DeviceSplit { LayersPerDevice = [20, 41, 20], RpcDevices = 1 });

        Assert.Equal([MemoryPartKind.Model, MemoryPartKind.Projector, MemoryPartKind.Draft], estimate.Parts.Select(part => part.Kind));
        Assert.Equal(estimate.Total.Value, estimate.Parts.Sum(part => part.Total.Value));
        for (int i = 0; i < estimate.Devices.Length; i++)
        {
            Assert.Equal(estimate.Devices[i].Weight.Value, estimate.Parts.Sum(part => part.Devices[i].Weight.Value));
            Assert.Equal(estimate.Devices[i].Compute.Value, estimate.Parts.Sum(part => part.Devices[i].Compute.Value));
            Assert.Equal(estimate.Devices[i].Total.Value, estimate.Parts.Sum(part => part.Devices[i].Total.Value));
        }

        JsonNode json = MemoryEstimateJson.ToJson(estimate);
        Assert.Equal(["model", "projector", "draft"], json["parts"]!.AsArray().Select(part => (string)part!["part"]!));
        Assert.Equal(estimate.Parts[1].Devices[1].Weight.Value, (long)json["parts"]![1]!["devices"]![1]!["weightBytes"]!);
    }

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(1, false, 1)]
    [InlineData(2, false, 0)]
    [InlineData(1, true, null)]
    public async Task A_projector_lies_on_the_first_own_device_else_the_first_rpc_device_else_the_host(int rpcDevices, bool onHost, int? expected)
    {
        LlamaCppServer server = await ServerAsync() with { Draft = null, Projector = await ProjectorAsync(), ProjectorOnHost = onHost };

        MemoryEstimate estimate = server.Estimate(
            new LlamaCppOptions { ContextLength = new Tokens(4096) }, new DeviceSplit { LayersPerDevice = [40, 41], RpcDevices = rpcDevices });

        Assert.Equal(expected, Assert.Single(estimate.Parts[1].Devices, device => device.Weight > Bytes.Zero).Index);
        Assert.Equal(expected is not null, estimate.Parts[1].Devices[^1] is { Compute.MiB: > 9 and < 10 });
    }

    [Fact]
    public async Task An_unknown_kind_of_projector_makes_the_whole_an_upper_bound()
    {
        ProjectorModel projector = await ProjectorAsync();
        LlamaCppServer server = await ServerAsync() with { Projector = projector with { Towers = [projector.Towers[0] with { Type = "of tomorrow" }] } };

        MemoryEstimate estimate = server.Estimate(new LlamaCppOptions { ContextLength = new Tokens(512) }, new DeviceSplit { LayersPerDevice = [81] });

        Assert.True(estimate.UpperBound);
        Assert.Equal([false, true, false], estimate.Parts.Select(part => part.UpperBound));
    }

    [Fact]
    public async Task A_model_alone_has_no_parts()
    {
        LlamaCppServer server = await ServerAsync() with { Draft = null };

        MemoryEstimate estimate = server.Estimate(new LlamaCppOptions { ContextLength = new Tokens(512) }, new DeviceSplit { LayersPerDevice = [] });

        Assert.Empty(estimate.Parts);
        Assert.Null(MemoryEstimateJson.ToJson(estimate)["parts"]);
    }

    internal static async Task<LlamaCppServer> ServerAsync() => new()
    {
        Model = await SampleFiles.ModelAsync("Llama-3.3-70B-Instruct-Q4_K_M.gguf"),
        Draft = await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf"),
    };

    private static async Task<ProjectorModel> ProjectorAsync() =>
        ProjectorModel.FromGguf(await new ProjectorShape("gemma3", 1152, 4304, 27, 16, 896, 14, 8192, 4, [], 0, 1).HeaderAsync());

    private static KvCacheType CacheType(string name)
    {
        Assert.True(KvCacheTypes.TryParse(name, out KvCacheType type));
        return type;
    }

    private static IEnumerable<string[]> DraftRows() =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "cases", "drafts.csv")).Skip(1).Select(line => line.Split(','));
}
