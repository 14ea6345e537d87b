using System.Diagnostics.Metrics;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Controllers;

/// <summary>A host with one scripted controller of StatefulSets over a server in memory; default/a exists.</summary>
public abstract class ControllerScene : IAsyncLifetime
{
    internal const string Sets = "/apis/apps/v1/statefulsets";
    internal const string DefaultSets = "/apis/apps/v1/namespaces/default/statefulsets";
    internal const string Pods = "/api/v1/pods";
    internal const string DefaultPods = "/api/v1/namespaces/default/pods";

    private readonly MeterListener _meters = new();
    private readonly Dictionary<string, double> _counts = [];
    private ScriptedServer _server = null!;

    internal TestClock Clock { get; } = new();

    internal CancellationTokenSource StopSource { get; } = new();

    internal ScriptedController Scripted { get; } = new();

    internal ScriptedServer Server => _server;

    internal MemoryServer Memory { get; private set; } = null!;

    internal KubernetesClient Client { get; private set; } = null!;

    internal ControllerHost Host { get; private set; } = null!;

    internal Controller<V1StatefulSet> Controller { get; private set; } = null!;

    internal Task Run { get; set; } = Task.CompletedTask;

    /// <summary>Its metrics' name: tests run side by side and share the meter.</summary>
    internal string Name { get; } = $"c{Guid.NewGuid():N}";

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        Memory = new MemoryServer(_server);
        Client = _server.CreateClient(Clock);
        Host = new ControllerHost(Client, new KubernetesJson(), Clock, NullLoggerFactory.Instance);
        Memory.Seed(DefaultSets, Set("a"));
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name.StartsWith("controller_runtime_", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        _meters.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await StopSource.CancelAsync();
        await Run.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { }, TaskScheduler.Default);
        Host.Dispose();
        Client.Dispose();
        StopSource.Dispose();
        _meters.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal static bool IsRetry(TimeSpan due) => due > TimeSpan.Zero && due < TimeSpan.FromSeconds(1);

    internal static string Set(
        string name, int replicas = 1, int generation = 1, string labels = "null", string finalizers = "null", bool deleted = false, string status = "null")
    {
        var deletion = deleted ? "\"2026-11-22T00:00:00Z\"" : "null";
        return $$"""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"{{name}}","namespace":"default","uid":"u","generation":{{generation}},"labels":{{labels}},"finalizers":{{finalizers}},"deletionTimestamp":{{deletion}} },"spec":{"replicas":{{replicas}} },"status":{{status}} }
            """;
    }

    internal static string Pod(string name, string owners) => $$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","ownerReferences":[{{owners}}] } }
        """;

    internal static string Owner(string name, string kind = "StatefulSet", string version = "apps/v1", bool controller = true) =>
        $$"""{"apiVersion":"{{version}}","kind":"{{kind}}","name":"{{name}}","uid":"u","controller":{{(controller ? "true" : "false")}}}""";

    /// <summary>How often a counter of this controller counted; with a label of the form <c>result=error</c>, with that label.</summary>
    internal double Counted(string counter, string label = "")
    {
        lock (_counts) return _counts.GetValueOrDefault($"controller_runtime_{counter} {label}");
    }

    /// <summary>Waits until the counter is there; it counts after what the test saw.</summary>
    internal async Task CountsAsync(double expected, string counter, string label = "")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (Counted(counter, label) < expected)
        {
            Assert.False(limit.IsCancellationRequested, $"{counter} {label} is {Counted(counter, label)}");
            await Task.Yield();
        }

        Assert.Equal(expected, Counted(counter, label));
    }

    /// <summary>Completes when a later handler than the controller's has seen such an object.</summary>
    internal Task WaitFor<T>(Func<T, bool> wanted)
        where T : class, IKubernetesObject
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Host.Informer<T>().AddHandler(change =>
        {
            if (wanted(change.Object)) arrived.TrySetResult();
        });
        return arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    internal async Task StartAsync(Action<ControllerBuilder<V1StatefulSet>>? configure = null, int watches = 1)
    {
        Add(configure);
        Run = Host.RunAsync(StopSource.Token);
        await Memory.AcceptWatchesAsync(watches);
    }

    internal void Add(Action<ControllerBuilder<V1StatefulSet>>? configure = null) => Controller = Host.AddController(Scripted, builder =>
    {
        builder.Name(Name);
        configure?.Invoke(builder);
    });

    /// <summary>Starts, waits for the first reconciliation and until the worker is free again.</summary>
    internal async Task SettleAsync(Action<ControllerBuilder<V1StatefulSet>>? configure = null, int watches = 1)
    {
        await StartAsync(configure, watches);
        Assert.Equal("default/a", await Scripted.NextAsync());
    }

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var mine = false;
        var label = "";
        foreach (var (name, text) in tags)
        {
            if (name == "controller") mine = Equals(text, Name);
            else label = $"{name}={text}";
        }

        if (!mine) return;
        lock (_counts)
        {
            _counts[$"{instrument.Name} {label}"] = _counts.GetValueOrDefault($"{instrument.Name} {label}") + value;
        }
    }
}
