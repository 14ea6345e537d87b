using System.Threading.Channels;
using GpuStack.Faults;
using GpuStack.Faults.Histories;
using GpuStack.Faults.Plans;
using GpuStack.Faults.Serving;
using GpuStack.Faults.Storage;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Faults;

/// <summary>A faulty server and the informers that follow its config maps, on a clock that runs fast: back-offs and watchdogs take milliseconds.</summary>
internal sealed class FollowedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesClient _client;
    private readonly ScaledClock _clock;
    private readonly List<Follower> _followers = [];

    public FollowedServer(FaultServerOptions options, double speed = 100, int window = 1000)
    {
        _clock = new ScaledClock(speed);
        Store = new VersionedStore(window);
        Server = FaultServer.Start(Store, options with { Plan = Plan, Time = _clock });
        // Ten minutes of the fast clock: time enough for a list even on a busy machine.
        _client = new KubernetesClient(new KubernetesClientConfiguration { Server = Server.Url }, new KubernetesJson(), _clock) { RequestTimeout = TimeSpan.FromMinutes(10) };
    }

    public VersionedStore Store { get; }

    public FaultServer Server { get; }

    public ScriptedFaultPlan Plan { get; } = new();

    public Follower Follow(string? namespaceName = null, string? label = null)
    {
        var options = new InformerOptions<V1ConfigMap> { Namespaces = namespaceName is null ? [] : [namespaceName], LabelSelector = label is null ? null : $"team={label}" };
        var follower = new Follower(new Informer<V1ConfigMap>(_client, options, _clock, NullLoggerFactory.Instance), namespaceName, label);
        follower.Start(_stop.Token);
        _followers.Add(follower);
        return follower;
    }

    public void Put(string name, string value, string namespaceName = "default", string team = "a") =>
        Store.Put(ServedResource.ConfigMaps, namespaceName, name, value, new Dictionary<string, string> { ["team"] = team });

    public void Delete(string name, string namespaceName = "default") => Store.Delete(ServedResource.ConfigMaps, namespaceName, name);

    /// <summary>Waits until every cache, and what every handler was told, is what the server has; then its story must have been a consistent one.</summary>
    public async Task SettleAsync()
    {
        foreach (var follower in _followers)
        {
            try
            {
                await follower.SettleAsync(Store).WaitAsync(Patience, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{follower.Describe(Store)}; faults: {string.Join(", ", Server.Counts.Faults)}; open watches: {Server.OpenWatches}");
            }

            Assert.Empty(follower.History.Errors);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var follower in _followers) await follower.EndedAsync(Patience);
        _client.Dispose();
        await Server.DisposeAsync();
        _stop.Dispose();
    }

    internal sealed class Follower(Informer<V1ConfigMap> informer, string? namespaceName, string? team)
    {
        private readonly Channel<bool> _told = Channel.CreateUnbounded<bool>();
        private Task _run = Task.CompletedTask;

        public Informer<V1ConfigMap> Informer => informer;

        public InformerHistory<V1ConfigMap> History { get; } = new();

        public void Start(CancellationToken stop)
        {
            informer.AddHandler(History.Add);
            informer.AddHandler(_ => _told.Writer.TryWrite(true));
            _run = informer.RunAsync(stop);
        }

        public Task EndedAsync(TimeSpan limit) => _run.WaitAsync(limit);

        public async Task SettleAsync(VersionedStore store)
        {
            await informer.InitialSync;
            // Neither can become equal without a handler being told.
            while (!IsEqual(store)) await _told.Reader.ReadAsync();
        }

        public string Describe(VersionedStore store) =>
            $"the server has [{string.Join(' ', Truth(store))}], the cache [{string.Join(' ', Cached())}], the handler knows of [{string.Join(' ', Told())}]; last error: {informer.LastError}";

        private bool IsEqual(VersionedStore store)
        {
            var truth = Truth(store);
            return truth.SequenceEqual(Cached()) && truth.Select(text => text[..text.IndexOf('=', StringComparison.Ordinal)]).SequenceEqual(Told());
        }

        private string[] Truth(VersionedStore store) =>
        [
            .. store.List(ServedResource.ConfigMaps)
                .Where(item => (namespaceName is null || item.Namespace == namespaceName) && (team is null || item.Labels["team"] == team))
                .Select(item => $"{item.Namespace}/{item.Name}@{item.Version}={item.Value}")
                .Order(StringComparer.Ordinal),
        ];

        private string[] Cached() =>
        [
            .. informer.Cache.List()
                .Select(item => $"{EntityKey.Of(item)}@{item.Metadata.ResourceVersion}={item.Data!["value"]}")
                .Order(StringComparer.Ordinal),
        ];

        private string[] Told() => [.. History.Versions.Select(entry => $"{entry.Key}@{entry.Value}").Order(StringComparer.Ordinal)];
    }
}
