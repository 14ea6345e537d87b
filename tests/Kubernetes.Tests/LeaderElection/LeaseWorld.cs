using System.Globalization;
using System.Text.Json;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.LeaderElection;

/// <summary>One lease as a server keeps it: with the optimistic lock, and nothing else.</summary>
internal sealed class LeaseWorld
{
    private readonly Lock _lock = new();
    private V1Lease? _lease;
    private int _version;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _lease is null;
        }
    }

    public void Delete()
    {
        lock (_lock) _lease = null;
    }

    public V1Lease? Get()
    {
        lock (_lock) return Copy(_lease);
    }

    public V1Lease Create(V1Lease lease)
    {
        lock (_lock) return _lease is null ? Store(lease) : throw Failure(409, "AlreadyExists");
    }

    public V1Lease Replace(V1Lease lease)
    {
        lock (_lock)
        {
            if (_lease is null) throw Failure(404, "NotFound");
            return lease.Metadata.ResourceVersion == _lease.Metadata.ResourceVersion ? Store(lease) : throw Failure(409, "Conflict");
        }
    }

    public static KubernetesException Failure(int code, string reason) => new(new V1Status { Code = code, Reason = reason, Message = reason });

    private V1Lease Store(V1Lease lease)
    {
        _lease = Copy(lease)!;
        _lease.Metadata.ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture);
        return Copy(_lease)!;
    }

    private static V1Lease? Copy(V1Lease? lease) => lease is null ? null : JsonSerializer.Deserialize<V1Lease>(JsonSerializer.Serialize(lease));
}

/// <summary>What happens to a candidate's requests.</summary>
internal enum LeaseFault
{
    None,
    Refused,
    Unreachable,

    /// <summary>The request takes effect, its answer is lost.</summary>
    AnswerLost,

    /// <summary>Takes effect at once, answered after 3 s.</summary>
    AnswersSlowly,

    /// <summary>Takes effect and is answered after 3 s.</summary>
    ArrivesSlowly,

    /// <summary>Takes effect after 8 s, when nobody waits for it any more.</summary>
    ArrivesTooLate,

    /// <summary>Neither takes effect nor is answered.</summary>
    Hangs,

    /// <summary>Fails as nobody foresaw.</summary>
    Unforeseen,
}

/// <summary>A candidate's way to the lease.</summary>
internal sealed class LeaseLine(LeaseWorld world, TestClock clock) : IKubernetesClient
{
    public LeaseFault Fault { get; set; }

    /// <summary>Whether the candidate has seen the lease since it was started.</summary>
    public bool HasLooked { get; set; }

    public async Task<T?> GetAsync<T>(string name, string? namespaceName, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject
    {
        var lease = await SendAsync(world.Get, cancellationToken).ConfigureAwait(false);
        HasLooked |= lease is not null;
        return (T?)(object?)lease;
    }

    public async Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => (T)(object)(await SendAsync(() => world.Create((V1Lease)(object)entity), cancellationToken).ConfigureAwait(false))!;

    public async Task<T> ReplaceAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => (T)(object)(await SendAsync(() => world.Replace((V1Lease)(object)entity), cancellationToken).ConfigureAwait(false))!;

    public Task<KubernetesList<T>> ListAsync<T>(string? namespaceName = null, ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName = null, WatchOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<T> ReplaceStatusAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<T> ApplyAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<T> ApplyStatusAsync<T>(T entity, ApplyOptions options, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<T> MergePatchAsync<T>(string name, string? namespaceName, System.Text.Json.Nodes.JsonNode patch, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    public Task<bool> DeleteAsync<T>(string name, string? namespaceName, DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject => throw new NotSupportedException();

    private async Task<V1Lease?> SendAsync(Func<V1Lease?> effect, CancellationToken cancellationToken)
    {
        switch (Fault)
        {
            case LeaseFault.Refused:
                throw LeaseWorld.Failure(500, "InternalError");
            case LeaseFault.Unreachable:
                throw new HttpRequestException("connection refused");
            case LeaseFault.Unforeseen:
                throw new InvalidDataException("what nobody foresaw");
            case LeaseFault.AnswerLost:
                effect();
                throw new HttpRequestException("connection reset");
            case LeaseFault.AnswersSlowly:
                var answer = effect();
                await clock.InlineAsync(TimeSpan.FromSeconds(3), cancellationToken).ConfigureAwait(false);
                return answer;
            case LeaseFault.ArrivesSlowly:
                await clock.InlineAsync(TimeSpan.FromSeconds(3), cancellationToken).ConfigureAwait(false);
                return effect();
            case LeaseFault.ArrivesTooLate:
                var late = LateAsync(effect);
                await clock.InlineAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
                await late.ConfigureAwait(false);
                return null;
            case LeaseFault.Hangs:
                await clock.InlineAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
                return null;
            default:
                return effect();
        }
    }

    private async Task LateAsync(Func<V1Lease?> effect)
    {
        await clock.InlineAsync(TimeSpan.FromSeconds(8), CancellationToken.None).ConfigureAwait(false);
        try
        {
            effect();
        }
        catch (KubernetesException)
        {
            // Nobody hears of it.
        }
    }
}
