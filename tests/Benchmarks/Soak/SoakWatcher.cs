using System.Text.Json;
using GpuStack.Faults.Histories;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Benchmarks.Soak;

/// <summary>An informer with an index and a handler that checks the order of what it is told.</summary>
internal sealed class SoakWatcher<T> : ISoakWatcher
    where T : class, IKubernetesObject
{
    private const string TeamIndex = "team";

    private readonly Informer<T> _informer;
    private readonly InformerHistory<T> _history = new();
    private readonly IKubernetesClient _calmClient;
    private readonly KubernetesJson _json;
    private readonly InformerOptions<T> _options;

    /// <param name="name">For messages.</param>
    /// <param name="client">The informer's.</param>
    /// <param name="calmClient">For looking at the server, apart from the informer's.</param>
    /// <param name="json">For comparing objects.</param>
    /// <param name="options">What it follows.</param>
    /// <param name="time">The informer's clock.</param>
    public SoakWatcher(string name, IKubernetesClient client, IKubernetesClient calmClient, KubernetesJson json, InformerOptions<T> options, TimeProvider time)
    {
        Name = name;
        _calmClient = calmClient;
        _json = json;
        _options = options;
        _informer = new Informer<T>(client, options, time, NullLoggerFactory.Instance);
        _informer.AddIndex(TeamIndex, item => [Team(item)]);
        _informer.AddHandler(_history.Add);
    }

    public string Name { get; }

    public long Events => _history.Events;

    public IReadOnlyList<string> HistoryErrors => _history.Errors;

    public Task InitialSync => _informer.InitialSync;

    public Task RunAsync(CancellationToken cancellationToken) => _informer.RunAsync(cancellationToken);

    public async Task<string?> DifferenceAsync(CancellationToken cancellationToken)
    {
        KubernetesList<T> list = await _calmClient.ListAsync<T>(
            _options.Namespaces is [var only] ? only : null, new ListOptions { LabelSelector = _options.LabelSelector }, cancellationToken);
        Dictionary<EntityKey, T> truth = list.Items.ToDictionary(item => EntityKey.Of(item));
        IReadOnlyDictionary<EntityKey, string> told = _history.Versions;
        if (_informer.Cache.Count != truth.Count || told.Count != truth.Count)
        {
            return $"the server has {truth.Count} objects, the cache {_informer.Cache.Count}, the handler {told.Count}; last error: {_informer.LastError?.Message}";
        }

        foreach ((EntityKey key, T item) in truth)
        {
            if (_informer.Cache.Get(key) is not { } cached)
            {
                return $"{key} is not in the cache";
            }

            if (!Bytes(item).AsSpan().SequenceEqual(Bytes(cached)))
            {
                return $"{key} is at {cached.Metadata.ResourceVersion} in the cache, at {item.Metadata.ResourceVersion} on the server";
            }

            if (told.GetValueOrDefault(key) != item.Metadata.ResourceVersion)
            {
                return $"{key} is at {told.GetValueOrDefault(key)} for the handler, at {item.Metadata.ResourceVersion} on the server";
            }
        }

        IEnumerable<IGrouping<string, T>> teams = truth.Values.GroupBy(Team);
        return teams.All(team => _informer.Cache.ListByIndex(TeamIndex, team.Key).Count == team.Count()) ? null : "the index files other objects than there are";
    }

    private static string Team(T item) => item.Metadata.Labels is { } labels && labels.TryGetValue("team", out string? team) ? team : "";

    private byte[] Bytes(T item) => JsonSerializer.SerializeToUtf8Bytes(item, _json.TypeInfo<T>());
}
