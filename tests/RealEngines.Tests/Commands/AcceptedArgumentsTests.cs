using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.RealEngines.Groups;
using GpuStack.RealEngines.Programs;

namespace GpuStack.RealEngines.Tests.Commands;

/// <summary>
/// Whatever the operator puts behind llama-server and ggml-rpc-server is taken by their real argument parsers: the containers of all golden
/// cases, and a walk through the options. Only hosts, ports and the model are replaced; the model is one that does not exist.
/// </summary>
public sealed class AcceptedArgumentsTests(RpcServer server) : IClassFixture<RpcServer>
{
    private static readonly KvCacheType[] CacheTypes = Enum.GetValues<KvCacheType>();

    /// <summary>Layers per device, the most that llama.cpp takes among them.</summary>
    private static readonly int[][] Splits = [[], [17], [9, 8], [3, 3, 11], [0, 17, 0, 4], [.. Enumerable.Range(1, LlamaLimits.MostDevices)]];

    private static readonly long[] Contexts = [1, 256, 5000, 131_072, 1 << 20];

    public static TheoryData<int> Walk => [.. Enumerable.Range(0, 2 * CacheTypes.Length)];

    public static TheoryData<string> GoldenCases => [.. GoldenCommands.Cases];

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public async Task Containers_of_a_golden_case(string name)
    {
        var commands = GoldenCommands.Of(name);
        Assert.NotEmpty(commands);
        foreach (var command in commands)
            await AssertAcceptedAsync(command);
    }

    /// <summary>Strides without a common divisor, so that every value meets many others.</summary>
    [Theory]
    [MemberData(nameof(Walk))]
    public Task Options_of_the_leader(int step)
    {
        var split = Splits[step % Splits.Length];
        var launch = new LlamaServerLaunch
        {
            Options = new LlamaCppOptions
            {
                ContextLength = new Tokens(Contexts[step % Contexts.Length]),
                ParallelRequests = 1 + (step % 7 * 3),
                UnifiedKvCache = step % 3 == 0,
                KeyType = CacheTypes[step % CacheTypes.Length],
                ValueType = CacheTypes[(step + (step / CacheTypes.Length)) % CacheTypes.Length],
                FlashAttention = step % 4 != 3,
                MicroBatch = 128 << (step % 4),
                Batch = 2048,
                FullSlidingWindow = step % 2 == 1,
            },
            // Less than all is offloading to the CPU; 0 is all of it there.
            GpuLayers = step % 5 == 4 ? 0 : split.Sum(),
            LayersPerDevice = [.. split],
            RpcEndpoints = [.. Enumerable.Repeat(server.Endpoint, Math.Min(split.Length, 3))],
            ModelPath = ArgumentParser.MissingModel,
            Alias = $"org/model:{step}",
            Port = LeaderPod.ApiPort,
            CacheRamMebibytes = step % 2 * 1024,
        };
        return AssertAcceptedAsync(new PodCommand([], [LlamaServerArguments.ServerProgram, .. LlamaServerArguments.Leader(launch)]));
    }

    [Theory]
    [InlineData()]
    [InlineData("-c")]
    public Task Options_of_a_worker(params string[] more) =>
        AssertAcceptedAsync(new PodCommand([], [LlamaServerArguments.WorkerProgram, .. LlamaServerArguments.Worker(), .. more]));

    /// <summary>Without this the tests above would show nothing.</summary>
    [Theory]
    [InlineData("llama-server", "invalid argument: --no-such-flag", "--no-such-flag")]
    [InlineData("llama-server", "\"-ctk\"", "-ctk", "q9_0")]
    [InlineData("llama-server", "\"-fa\"", "-fa", "maybe")]
    [InlineData("llama-server", "\"-fit\"", "-fit", "perhaps")]
    [InlineData("llama-server", "\"-c\"", "-c", "many")]
    [InlineData("llama-server", "\"-ts\"", "-ts", "1,x")]
    [InlineData("ggml-rpc-server", "--mem", "--mem", "1024")]
    [InlineData("ggml-rpc-server", "-x", "-x")]
    public async Task What_is_no_argument_is_refused(string program, string said, params string[] wrong)
    {
        string[] right = program == LlamaServerArguments.WorkerProgram
            ? ["-H", "127.0.0.1", "-p", $"{Ports.Free()}"]
            : ["-m", ArgumentParser.MissingModel, "--host", "127.0.0.1", "--port", $"{Ports.Free()}"];

        var verdict = await ArgumentParser.AskAsync(server.Programs, [program, .. right, .. wrong], server.Cache, TestContext.Current.CancellationToken);

        Assert.False(verdict.Accepted, verdict.Output);
        Assert.Contains(said, verdict.Output, StringComparison.Ordinal);
    }

    /// <summary>One device more than <see cref="LlamaLimits.MostDevices"/>: the limit is the parser's.</summary>
    [Fact]
    public async Task A_split_over_too_many_devices_is_refused()
    {
        var verdict = await ArgumentParser.AskAsync(
            server.Programs,
            ["llama-server", "-m", ArgumentParser.MissingModel, "-ts", string.Join(',', Enumerable.Repeat(1, LlamaLimits.MostDevices + 1))],
            server.Cache,
            TestContext.Current.CancellationToken);

        Assert.False(verdict.Accepted, verdict.Output);
        Assert.Contains("got 16 input configs, but system only has 16 devices", verdict.Output, StringComparison.Ordinal);
    }

    private async Task AssertAcceptedAsync(PodCommand command)
    {
        var engine = command.Engine[0] == LlamaServerArguments.WorkerProgram
            ? command.WithEngine("-H", "127.0.0.1").WithEngine("-p", $"{Ports.Free()}")
            : command.WithEngine("--host", "127.0.0.1").WithEngine("--port", $"{Ports.Free()}").WithEngine("-m", ArgumentParser.MissingModel);
        if (engine.Engine.Contains("--rpc"))
            engine = engine.WithEngine("--rpc", string.Join(',', engine.Engine[engine.Engine.IndexOf("--rpc") + 1].Split(',').Select(_ => server.Endpoint)));

        var verdict = await ArgumentParser.AskAsync(server.Programs, engine.Engine, server.Cache, TestContext.Current.CancellationToken);

        Assert.True(verdict.Accepted, $"{string.Join(' ', engine.Engine)}\n{verdict.Output}");
    }
}
