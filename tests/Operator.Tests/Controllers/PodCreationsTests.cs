using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Planning;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace GpuStack.Operator.Tests.Controllers;

public class PodCreationsTests
{
    private const string Quota = "create Pod m-0-0 in StatefulSet m-0 failed error: pods \"m-0-0\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0";
    private static readonly DeploymentKey Key = new("ns", "m");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IKubernetesClient _client = Substitute.For<IKubernetesClient>();
    private readonly List<V1Pod> _pods = [];
    private readonly List<DeploymentKey> _changed = [];
    private readonly List<string?> _asked = [];
    private readonly PodCreations _creations;

    public PodCreationsTests()
    {
        _creations = new PodCreations(_client, _ => [Set()], _ => _pods, _time) { Changed = _changed.Add };
        Answer();
    }

    [Fact]
    public async Task The_newest_event_of_the_set_says_why_its_pods_are_missing()
    {
        Answer(Event("older", minutes: 3), Event(Quota, minutes: 1), Event("of another set", minutes: 0, uid: "other"), Event("ancient", minutes: 60));
        _creations.Watch(Key);

        await LookLaterAsync();

        Assert.Equal(("QuotaExceeded", Quota), (_creations.Of(Key)!.Reason, _creations.Of(Key)!.Message));
        Assert.Equal([Key], _changed);
        Assert.Equal(["regarding.kind=StatefulSet,regarding.name=m-0,reason=FailedCreate,type=Warning"], _asked);
    }

    [Fact]
    public async Task What_is_no_quota_has_another_reason_and_long_words_are_cut()
    {
        Answer(Event($"violates PodSecurity {new string('x', 5000)}", minutes: 0));
        _creations.Watch(Key);

        await LookLaterAsync();

        Assert.Equal(("PodsRefused", 1000), (_creations.Of(Key)!.Reason, _creations.Of(Key)!.Message.Length));
    }

    [Fact]
    public async Task Nobody_is_asked_before_pods_are_missing_for_a_while_and_none_after_they_are_there()
    {
        Answer(Event(Quota, minutes: 0));
        _creations.Watch(Key);
        await _creations.LookAsync(CancellationToken.None);
        Assert.Empty(_asked);

        await LookLaterAsync();
        _pods.Add(Pod("uid-of-set"));
        await LookLaterAsync();

        Assert.Null(_creations.Of(Key));
        Assert.Single(_asked);
        Assert.Equal([Key, Key], _changed);
        await LookLaterAsync();
        Assert.Single(_asked);
    }

    [Fact]
    public async Task The_pod_of_another_set_is_none_of_ours()
    {
        Answer(Event(Quota, minutes: 0));
        _pods.Add(Pod("uid-of-an-older-set"));
        _creations.Watch(Key);

        await LookLaterAsync();

        Assert.NotNull(_creations.Of(Key));
    }

    [Fact]
    public async Task An_old_event_and_an_unanswered_question_say_nothing()
    {
        Answer(Event(Quota, minutes: 21));
        _creations.Watch(Key);
        await LookLaterAsync();
        Assert.Null(_creations.Of(Key));

        _client.ListAsync<EventsV1Event>(default, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs<KubernetesList<EventsV1Event>>(_ => throw new HttpRequestException("away"));
        await LookLaterAsync();
        Assert.Null(_creations.Of(Key));
        Assert.Empty(_changed);
    }

    [Fact]
    public async Task It_is_asked_less_often_after_a_minute()
    {
        _creations.Watch(Key);

        for (var i = 0; i < 60; i++)
            await LookLaterAsync();

        // 5 s apart in the first minute, 30 s apart in the other four.
        Assert.InRange(_asked.Count, 18, 21);
    }

    [Fact]
    public async Task A_set_that_is_being_deleted_lacks_nothing()
    {
        Answer(Event(Quota, minutes: 0));
        var set = Set();
        set.Metadata.DeletionTimestamp = _time.GetUtcNow();
        var creations = new PodCreations(_client, _ => [set], _ => _pods, _time);
        creations.Watch(Key);
        _time.Advance(PodCreations.Pause);
        await creations.LookAsync(CancellationToken.None);

        Assert.Empty(_asked);
        Assert.Null(creations.Of(Key));
    }

    [Fact]
    public async Task Everybody_is_asked_about_however_many_there_are()
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        _client.ListAsync<EventsV1Event>(default, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
        {
            asked.Add(call.ArgAt<string?>(0)!);
            return new KubernetesList<EventsV1Event>();
        });
        for (var i = 0; i < 400; i++)
            _creations.Watch(new DeploymentKey($"ns{i}", "m"));

        await LookLaterAsync();
        Assert.Equal(50, asked.Count);
        for (var i = 0; i < 8; i++)
            await LookLaterAsync();

        Assert.Equal(400, asked.Count);
    }

    [Fact]
    public async Task Pods_that_are_missing_again_while_they_are_looked_at_are_watched_on()
    {
        Answer(Event(Quota, minutes: 0));
        var there = true;
        var creations = new PodCreations(
            _client,
            _ => [Set()],
            key =>
            {
                // The pod goes as soon as it was seen; whoever notices says so at once.
                var pods = there ? [Pod("uid-of-set")] : (List<V1Pod>)[];
                there = false;
                return pods;
            },
            _time);
        creations.Watch(Key);
        _time.Advance(PodCreations.Pause);
        await creations.LookAsync(CancellationToken.None);
        _time.Advance(PodCreations.Pause);
        await creations.LookAsync(CancellationToken.None);

        Assert.NotNull(creations.Of(Key));
    }

    [Fact]
    public async Task It_runs_while_somebody_is_watched()
    {
        Answer(Event(Quota, minutes: 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = _creations.RunAsync(stop.Token);
        _creations.Watch(Key);

        while (_creations.Of(Key) is null)
        {
            _time.Advance(PodCreations.Pause);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, stop.Token);
        }

        await stop.CancelAsync();
        await running;
    }

    private Task LookLaterAsync()
    {
        _time.Advance(PodCreations.Pause);
        return _creations.LookAsync(CancellationToken.None);
    }

    private void Answer(params EventsV1Event[] events) => _client.ListAsync<EventsV1Event>(default, default, default).ReturnsForAnyArgs(call =>
    {
        if (call.ArgAt<string?>(0) == "ns")
            _asked.Add(call.ArgAt<ListOptions?>(1)?.FieldSelector);
        return new KubernetesList<EventsV1Event> { Items = [.. events] };
    });

    private EventsV1Event Event(string note, int minutes, string uid = "uid-of-set") => new()
    {
        Note = note,
        Regarding = new V1ObjectReference { Uid = uid },
        DeprecatedLastTimestamp = _time.GetUtcNow().AddMinutes(-minutes),
    };

    private static V1StatefulSet Set() => new() { Metadata = new V1ObjectMeta { Name = "m-0", Uid = "uid-of-set" }, Spec = new V1StatefulSetSpec { Replicas = 1 } };

    private static V1Pod Pod(string owner) => new() { Metadata = new V1ObjectMeta { Name = "m-0-0", OwnerReferences = [new V1OwnerReference { Kind = "StatefulSet", Name = "m-0", Uid = owner }] } };
}
