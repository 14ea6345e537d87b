using GpuStack.Operator.Metrics;
using GpuStack.Operator.Planning;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class RecoveryTrackerTests
{
    private static readonly DeploymentKey Key = new("default", "a");

    private readonly FakeTimeProvider _time = new();
    private readonly RecoveryTracker _tracker;

    public RecoveryTrackerTests() => _tracker = new RecoveryTracker(_time);

    [Fact]
    public void A_group_that_served_and_serves_again_recovered_in_the_time_between()
    {
        See(serves: true);
        See(serves: false, RecoveryCause.Engine);
        Assert.Empty(See(serves: false, RecoveryCause.Engine, after: 7));

        Assert.Equal([(RecoveryCause.Engine, TimeSpan.FromSeconds(10))], See(serves: true, after: 3));
        Assert.Empty(See(serves: true, after: 100));
    }

    [Fact]
    public void The_first_start_is_no_recovery()
    {
        See(serves: false, RecoveryCause.Pod);

        Assert.Empty(See(serves: true, after: 100));
    }

    [Fact]
    public void Of_several_causes_the_gravest_counts_whenever_it_is_seen()
    {
        See(serves: true);
        See(serves: false, RecoveryCause.Pod);
        See(serves: false, RecoveryCause.Node, after: 40);
        See(serves: false, RecoveryCause.Update, after: 1);
        See(serves: false, RecoveryCause.Engine, after: 1);

        Assert.Equal([(RecoveryCause.Node, TimeSpan.FromSeconds(42))], See(serves: true));
    }

    [Fact]
    public void Groups_that_are_given_up_are_forgotten_and_others_are_not()
    {
        _tracker.Observe(Key, [new(0, true, default), new(1, true, default)]);
        _tracker.Observe(Key, [new(0, false, RecoveryCause.Pod), new(1, false, RecoveryCause.Pod)]);
        _tracker.Observe(Key, [new(0, false, RecoveryCause.Pod)]);

        // The second one is another group by now.
        Assert.Single(_tracker.Observe(Key, [new(0, true, default), new(1, true, default)]));
    }

    [Fact]
    public void A_deployment_of_another_name_is_another_one()
    {
        See(serves: true);
        _tracker.Observe(Key with { Name = "b" }, []);
        See(serves: false);

        Assert.Empty(_tracker.Observe(Key with { Name = "b" }, [new(0, true, default)]));
        Assert.Single(See(serves: true));
    }

    private IReadOnlyList<(RecoveryCause Cause, TimeSpan Time)> See(bool serves, RecoveryCause cause = default, int after = 0)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        return _tracker.Observe(Key, [new GroupServing(0, serves, cause)]);
    }
}
