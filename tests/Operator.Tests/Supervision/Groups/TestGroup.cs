using GpuStack.Operator.Supervision;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>The first pod is the coordinator, all others follow it.</summary>
internal sealed class TestGroup(TimeProvider? time, params GroupPod[] pods) : IAsyncDisposable
{
    public const string Sleeps = "exec sleep 1000";

    public GroupPod Coordinator => pods[0];

    public IEnumerable<GroupPod> Followers => pods.Skip(1);

    /// <summary>What all supervisors are told beyond their place in the group.</summary>
    public Func<SupervisorOptions, SupervisorOptions> Settings { get; set; } = options => options;

    public async Task StartAsync()
    {
        foreach (var pod in pods)
            await StartAsync(pod);
    }

    public Task StartAsync(GroupPod pod) => pod.StartAsync(
        options => Settings(pod == Coordinator ? options with { Followers = [.. Followers.Select(follower => follower.Endpoint)] } : options with { Coordinator = Coordinator.Endpoint }),
        time);

    /// <summary>Until all are ready in one epoch, later than the one given; returns it.</summary>
    public async Task<DateTimeOffset> ReadyAsync(DateTimeOffset? after = null)
    {
        var coordinator = await Coordinator.Run.UntilAsync(s => s.Ready && s.Engine!.StartTime != after);
        var epoch = coordinator.Engine!.StartTime;
        Assert.Equal(epoch, coordinator.Epoch);
        foreach (var follower in Followers)
            await follower.Run.UntilAsync(s => s.Ready && s.Epoch == epoch);
        return epoch;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in pods)
            await pod.DisposeAsync();
    }
}
