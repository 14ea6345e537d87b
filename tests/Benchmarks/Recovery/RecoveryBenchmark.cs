using System.Globalization;
using GpuStack.RealEngines.Faults;
using GpuStack.RealEngines.Groups;
using GpuStack.RealEngines.Models;
using GpuStack.RealEngines.Programs;

namespace GpuStack.Benchmarks.Recovery;

/// <summary>
/// How long a group of real processes takes to come back: <c>supervise</c> around llama-server and two ggml-rpc-servers, with a tiny model.
/// Every run has a group of its own, so that no back-off of the run before is in its figures. Also what <c>supervise</c> itself keeps in memory.
/// </summary>
internal sealed class RecoveryBenchmark : IBenchmark
{
    private const string Memory = "memory";

    private static readonly TimeSpan SoonAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongAfter = TimeSpan.FromMinutes(2);

    public string Name => "recovery";

    public string Usage =>
        "real llama.cpp processes killed and frozen: [--only FAULT|memory] [--runs 5] [--stuck-after SECONDS, 120 without] [--program gpustack-operator]";

    public async Task<IReadOnlyDictionary<string, double>> RunAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        string? only = arguments.Optional("only");
        GroupFault[] faults = only is null ? Enum.GetValues<GroupFault>()
            : only == Memory ? []
            : Enum.TryParse(only, ignoreCase: true, out GroupFault one) ? [one]
            : throw new ArgumentException($"--only is '{only}', where memory or one of {string.Join(", ", Enum.GetNames<GroupFault>())} is expected.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recovery-");
        try
        {
            var options = new RealGroupOptions
            {
                Programs = await LlamaPrograms.BringAsync(cancellationToken),
                Model = Path.Combine(folder.FullName, "tiny.gguf"),
                StuckAfter = arguments.Optional("stuck-after") is null ? null : TimeSpan.FromSeconds(arguments.Integer("stuck-after", 0)),
            };
            if (arguments.Optional("program") is { } program)
            {
                options = options with { Operator = [Path.GetFullPath(program)] };
            }

            await TinyModel.WriteAsync(options.Model, cancellationToken);
            var figures = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (GroupFault fault in faults)
            {
                await MeasureAsync(figures, options, fault, Math.Max(1, arguments.Integer("runs", 5)), details, cancellationToken);
            }

            if (only is null or Memory)
            {
                await WeighAsync(figures, options, cancellationToken);
            }

            return figures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(
        Dictionary<string, double> figures, RealGroupOptions options, GroupFault fault, int runs, TextWriter details, CancellationToken cancellationToken)
    {
        var recoveries = new List<GroupRecovery>();
        for (int run = 0; run < runs; run++)
        {
            using RealGroup group = await RealGroup.StartAsync(options, cancellationToken);
            await group.ServingAsync(cancellationToken);
            GroupRecovery recovery = await FaultRun.InjectAsync(group, fault, worker: run % 2, cancellationToken);
            recoveries.Add(recovery);
            await details.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{fault}: seen by its supervisor {Seconds(recovery.SeenByVictim)}, by the leader {Seconds(recovery.SeenByLeader)}, not ready {Seconds(recovery.NotReady)}, running {Seconds(recovery.Running)}, serving {Seconds(recovery.Serving)}, the leader's engine: {recovery.LeaderReason}"));
        }

        Add("seenByVictim", recovery => recovery.SeenByVictim);
        Add("seenByLeader", recovery => recovery.SeenByLeader);
        Add("notReady", recovery => recovery.NotReady);
        Add("serving", recovery => recovery.Serving);

        void Add(string what, Func<GroupRecovery, TimeSpan> time)
        {
            double[] seconds = [.. recoveries.Select(recovery => time(recovery).TotalSeconds).Order()];
            figures[$"{fault}.{what}.medianSeconds"] = seconds[seconds.Length / 2];
            figures[$"{fault}.{what}.worstSeconds"] = seconds[^1];
        }
    }

    private static async Task WeighAsync(Dictionary<string, double> figures, RealGroupOptions options, CancellationToken cancellationToken)
    {
        using RealGroup group = await RealGroup.StartAsync(options, cancellationToken);
        await group.ServingAsync(cancellationToken);
        await Task.Delay(SoonAfter, TimeProvider.System, cancellationToken);
        Add("start");
        await Task.Delay(LongAfter, TimeProvider.System, cancellationToken);
        Add("twoMinutes");

        void Add(string when)
        {
            foreach ((string role, SupervisedEngine engine) in new[] { ("worker", group.Workers[0]), ("leader", group.Leader) })
            {
                foreach ((string figure, string field) in new[] { ("residentMegabytes", "VmRSS"), ("ownMegabytes", "RssAnon"), ("mostMegabytes", "VmHWM") })
                {
                    figures[$"memory.{role}.{when}.{figure}"] = ProcessMemory.Read(engine.SupervisorId, field) / 1e6;
                }
            }
        }
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
}
