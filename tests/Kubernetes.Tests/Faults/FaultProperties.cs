using FsCheck;
using FsCheck.Fluent;
using GpuStack.Faults.Plans;
using GpuStack.Faults.Serving;

namespace GpuStack.Kubernetes.Tests.Faults;

/// <summary>Whatever is changed and whatever fails in between: in the end every cache is the server's state.</summary>
public sealed class FaultProperties
{
    /// <summary>A fifth of a second of the clock's five minutes: a stalled watch is found in about that time.</summary>
    private const double Speed = 1000;

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (12, from name in Gen.Choose(0, 7) from team in Gen.Elements("a", "b") from space in Gen.Elements("default", "other") select (Step)new Put($"c{name}", space, team)),
        (5, from name in Gen.Choose(0, 7) from space in Gen.Elements("default", "other") select (Step)new Delete($"c{name}", space)),
        (1, Gen.Constant<Step>(new Compact())),
        (3, Gen.Constant<Step>(new Settle())),
        (4, from kind in Gen.Elements(Fault.OfOpenWatches.Where(kind => kind != FaultKind.Stall)) select (Step)new Inject(kind)),
        (3, from kind in Gen.Elements(Fault.OfAnswers.Concat(Fault.OfOpenWatches)) from after in Gen.Choose(0, 6) select (Step)new NextWatch(new Fault(kind, after))),
        (2, from kind in Gen.Elements(Fault.OfAnswers.Concat(Fault.OfListBodies)) select (Step)new NextList(new Fault(kind))));

    private static readonly Gen<FaultServerOptions> Servers =
        from streaming in Gen.Elements(Enum.GetValues<StreamingLists>())
        from lag in Gen.Choose(0, 4)
        from expiredAsStatus in Gen.Elements(true, false)
        select new FaultServerOptions { Streaming = streaming, Lag = lag, ExpiredAsStatus = expiredAsStatus, HugeLineBytes = 256 * 1024, BookmarkInterval = TimeSpan.FromSeconds(20) };

    [Fact]
    public void EveryCacheEndsEqualToTheServer()
    {
        var runs = from server in Servers from window in Gen.Choose(3, 40) from steps in Steps.ListOf(60) select new Run(server, window, [.. steps]);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(25).WithReplay(20261126, 1),
            Prop.ForAll(runs.ToArbitrary(), run => PlayAsync(run).GetAwaiter().GetResult()));
    }

    private static async Task PlayAsync(Run run)
    {
        await using var server = new FollowedServer(run.Server, Speed, run.Window);
        for (var i = 0; i < 5; i++) server.Put($"c{i}", "first");
        server.Follow();
        server.Follow(label: "a");
        server.Follow("other");
        var value = 0;
        foreach (var step in run.Steps)
        {
            switch (step)
            {
                case Put put:
                    server.Put(put.Name, $"{value++}", put.Namespace, put.Team);
                    break;
                case Delete delete:
                    server.Delete(delete.Name, delete.Namespace);
                    break;
                case Compact:
                    server.Store.Compact();
                    break;
                case Inject inject:
                    server.Server.Inject(inject.Kind);
                    break;
                case NextWatch next:
                    server.Plan.NextWatch(next.Fault);
                    break;
                case NextList next:
                    server.Plan.NextList(next.Fault);
                    break;
                default:
                    await server.SettleAsync();
                    break;
            }
        }

        await server.SettleAsync();
    }

    private abstract record Step;

    private sealed record Put(string Name, string Namespace, string Team) : Step;

    private sealed record Delete(string Name, string Namespace) : Step;

    private sealed record Compact : Step;

    private sealed record Settle : Step;

    private sealed record Inject(FaultKind Kind) : Step;

    private sealed record NextWatch(Fault Fault) : Step;

    private sealed record NextList(Fault Fault) : Step;

    private sealed record Run(FaultServerOptions Server, int Window, Step[] Steps)
    {
        public override string ToString() => $"{Server}, window {Window}: {string.Join("; ", Steps.Select(step => $"{step}"))}";
    }
}
