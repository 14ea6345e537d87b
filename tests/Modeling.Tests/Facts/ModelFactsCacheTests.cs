using GpuStack.Modeling.Facts;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Modeling.Tests.Facts;

public class ModelFactsCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _asked = [];
    private readonly ModelFactsCache<string> _cache;
    private string? _commit = "c1";
    private Exception? _failure;

    public ModelFactsCacheTests() => _cache = new ModelFactsCache<string>(new MemoryFactsStore<string>(2), _time)
    {
        Freshness = TimeSpan.FromMinutes(10),
        FailureFreshness = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public async Task Fresh_facts_are_used_without_asking()
    {
        Assert.Equal("facts of c1", await GetAsync());
        _time.Advance(TimeSpan.FromMinutes(9));
        _commit = "c2";

        Assert.Equal("facts of c1", await GetAsync());
        Assert.Equal(["read"], _asked);
    }

    [Fact]
    public async Task Older_facts_are_checked_with_one_small_request_and_are_fresh_again()
    {
        await GetAsync();
        _time.Advance(TimeSpan.FromMinutes(11));
        await GetAsync();
        _time.Advance(TimeSpan.FromMinutes(9));
        await GetAsync();

        Assert.Equal(["read", "pin"], _asked);
    }

    [Fact]
    public async Task A_changed_source_is_read_again()
    {
        await GetAsync();
        _time.Advance(TimeSpan.FromMinutes(11));
        _commit = "c2";

        Assert.Equal("facts of c2", await GetAsync());
        Assert.Equal(["read", "pin", "read"], _asked);
    }

    [Fact]
    public async Task A_source_that_names_no_version_is_read_again()
    {
        _commit = null;
        await GetAsync();
        _time.Advance(TimeSpan.FromMinutes(11));
        await GetAsync();

        Assert.Equal(["read", "read"], _asked);
    }

    [Fact]
    public async Task Facts_of_a_commit_hold_for_ever()
    {
        await GetAsync(isImmutable: true);
        _time.Advance(TimeSpan.FromDays(1000));
        _failure = new InvalidOperationException("the hub is gone");

        Assert.Equal("facts of c1", await GetAsync(isImmutable: true));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_nothing_fresh()
    {
        await GetAsync();
        var earlier = new ModelFactsCache<string>(new Known(new ModelFacts<string>("old", "c1", _time.GetUtcNow().AddDays(1))), _time);

        await GetAsync(cache: earlier);

        Assert.Equal(["read", "pin"], _asked);
    }

    [Fact]
    public async Task A_failure_is_believed_for_a_while_and_then_asked_again()
    {
        _failure = new InvalidOperationException("no");
        await Assert.ThrowsAsync<InvalidOperationException>(() => GetAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => GetAsync());
        _failure = null;
        _time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal("facts of c1", await GetAsync());
        Assert.Equal(["read", "read"], _asked);
    }

    [Fact]
    public async Task Facts_whose_source_cannot_be_asked_are_not_passed_off_as_true()
    {
        await GetAsync();
        _time.Advance(TimeSpan.FromMinutes(11));
        _failure = new InvalidOperationException("no");

        await Assert.ThrowsAsync<InvalidOperationException>(() => GetAsync());
    }

    [Fact]
    public async Task Questions_at_the_same_time_are_asked_once()
    {
        var answer = new TaskCompletionSource<(string, string?)>();
        Task<string>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => _cache.GetAsync(
            "key",
            isImmutable: false,
            () => Task.FromResult<string?>(null),
            () =>
            {
                _asked.Add("read");
                return answer.Task;
            },
            TestContext.Current.CancellationToken))];
        using var impatient = new CancellationTokenSource();
        Task<string> leaving = GetAsync(cancellationToken: impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        answer.SetResult(("facts", "c1"));

        Assert.All(await Task.WhenAll(waiting), facts => Assert.Equal("facts", facts));
        Assert.Equal(["read"], _asked);
    }

    [Fact]
    public async Task The_facts_used_longest_ago_are_forgotten_first()
    {
        foreach (string key in (string[])["a", "b", "a", "c", "a", "b"])
        {
            await GetAsync(key);
        }

        Assert.Equal(4, _asked.Count);
    }

    private Task<string> GetAsync(string key = "key", bool isImmutable = false, ModelFactsCache<string>? cache = null, CancellationToken? cancellationToken = null) =>
        (cache ?? _cache).GetAsync(
            key,
            isImmutable,
            () =>
            {
                _asked.Add("pin");
                return _failure is null ? Task.FromResult(_commit) : Task.FromException<string?>(_failure);
            },
            () =>
            {
                _asked.Add("read");
                return _failure is null ? Task.FromResult(($"facts of {_commit}", _commit)) : Task.FromException<(string, string?)>(_failure);
            },
            cancellationToken ?? TestContext.Current.CancellationToken);

    private sealed class Known(ModelFacts<string> facts) : IModelFactsStore<string>
    {
        public ValueTask<ModelFacts<string>?> FindAsync(string key, CancellationToken cancellationToken) => ValueTask.FromResult<ModelFacts<string>?>(facts);

        public ValueTask StoreAsync(string key, ModelFacts<string> stored, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
