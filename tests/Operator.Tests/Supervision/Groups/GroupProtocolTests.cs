using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision.Restarts;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>Whatever happens to a group: it starts within bounds, and once nothing happens any more it runs, whole and in one epoch.</summary>
public sealed class GroupProtocolTests
{
    private const int LongestFault = 900;

    /// <summary>A try of a stalled coordinator, the longest fault, and a few graces and joins.</summary>
    private const int Enough = 600 + LongestFault + 300;

    private enum FaultKind
    {
        Crash,
        CrashAll,
        Kill,
        Mute,
        Deaf,
        Stale,
        Broken,
    }

    private sealed record Fault(int Gap, FaultKind Kind, int Node, int Length);

    [Fact]
    public void WithoutFaults_TheGroupIsWholeWithinSeconds()
    {
        var model = new GroupModel(3);
        for (var i = 0; i < 5; i++)
            model.Advance();
        Assert.True(model.Whole);
        Assert.Single(model.Coordinator.Starts);
    }

    [Fact]
    public void AnyFaults_EndInAWholeGroupOfOneEpoch()
    {
        var lengths = Gen.Frequency((6, Gen.Choose(1, 15)), (2, Gen.Choose(15, 120)), (1, Gen.Choose(120, LongestFault)));
        var fault = from gap in Gen.Frequency((3, Gen.Choose(0, 3)), (2, Gen.Choose(3, 60)), (1, Gen.Choose(60, 1000)))
                    from kind in Gen.Elements(Enum.GetValues<FaultKind>())
                    from node in Gen.Choose(0, 3)
                    from length in lengths
                    select new Fault(gap, kind, node, length);
        var runs = from followers in Gen.Choose(1, 3)
                   from faults in fault.ListOf()
                   select (followers, faults);
        Prop.ForAll(runs.ToArbitrary(), run =>
        {
            var model = new GroupModel(run.followers);
            foreach (var next in run.faults)
            {
                for (var i = 0; i < next.Gap; i++)
                    Advance(model);
                Apply(model, next);
            }
            for (var i = 0; i < Enough; i++)
                Advance(model);
            Assert.True(model.Whole, $"{string.Join(", ", model.Nodes.Select(node => $"{node.State} {node.Roll?.Message} {node.Wait?.Message}"))}");
            // And stays so.
            var epoch = model.Coordinator.Engine!.Start;
            for (var i = 0; i < 200; i++)
                Advance(model);
            Assert.True(model.Whole);
            Assert.Equal(epoch, model.Coordinator.Engine!.Start);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(40));
    }

    private static void Advance(GroupModel model)
    {
        model.Advance();
        var starts = model.Coordinator.Starts;
        // Five failures, then one try every ten minutes: no hour sees more.
        Assert.True(starts.Count(step => model.Step - step < RestartPolicy.Window.TotalSeconds) <= RestartPolicy.FailuresPerWindow + 1 + 6, "A restart storm.");
    }

    private static void Apply(GroupModel model, Fault fault)
    {
        var number = fault.Node % model.Nodes.Length;
        var node = model.Nodes[number];
        var until = model.Step + fault.Length;
        switch (fault.Kind)
        {
            case FaultKind.Crash:
                model.Crash(number);
                break;
            case FaultKind.CrashAll:
                for (var i = 0; i < model.Nodes.Length; i++)
                    model.Crash(i);
                break;
            case FaultKind.Kill:
                model.Kill(number, fault.Length);
                break;
            case FaultKind.Mute:
                node.Mute = until;
                break;
            case FaultKind.Deaf:
                node.Deaf = until;
                break;
            case FaultKind.Stale:
                node.Stale = until;
                break;
            case FaultKind.Broken:
                node.Broken = until;
                break;
        }
    }
}
