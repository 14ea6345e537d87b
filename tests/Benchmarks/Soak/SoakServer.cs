using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuStack.Faults;
using GpuStack.Faults.Plans;
using GpuStack.Faults.Serving;
using GpuStack.Faults.Storage;

namespace GpuStack.Benchmarks.Soak;

/// <summary>
/// The other process of a soak: two servers over one store, one that serves streaming lists and one that does not, and the changes. Prints
/// their addresses as its first line, is told what to do by requests, and ends when its input does.
/// </summary>
internal sealed class SoakServer : IAsyncDisposable
{
    public const string Command = "soak-server";

    /// <summary>Between two compactions, each of which expires whoever is disconnected at that moment.</summary>
    private static readonly TimeSpan CompactionInterval = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly SoakOptions _options;
    private readonly RandomFaultPlan _plan;
    private readonly VersionedStore _store;
    private readonly RandomChanges _changes;
    private readonly ScaledClock _clock;
    private readonly FaultServer[] _servers;
    private readonly CancellationTokenSource _stop = new();
    private Task _changing = Task.CompletedTask;
    private int _changed;

    private SoakServer(SoakOptions options)
    {
        _options = options;
        _clock = new ScaledClock(options.Speed);
        _plan = new RandomFaultPlan(new RandomFaultOptions { Seed = options.Seed, MeanEventsBefore = options.MeanEvents });
        _store = new VersionedStore(options.Window);
        _changes = new RandomChanges(_store, options.Names, options.Seed);
        _servers = [.. new[] { StreamingLists.Served, StreamingLists.Forbidden }.Select(streaming => FaultServer.Start(_store, new FaultServerOptions
        {
            Plan = _plan,
            Time = _clock,
            Streaming = streaming,
            Lag = 20,
            BookmarkInterval = TimeSpan.FromMinutes(1),
            ExpiredAsStatus = streaming == StreamingLists.Forbidden,
            HugeLineBytes = 1024 * 1024,
            Control = Answer,
        }))];
    }

    public static async Task<int> RunAsync(ReadOnlyMemory<string> arguments)
    {
        await using var server = new SoakServer(SoakOptions.Read(new BenchmarkArguments(arguments.Span)));
        await Console.Out.WriteLineAsync(string.Join(' ', server._servers.Select(one => one.Url)));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _changing;
        foreach (FaultServer server in _servers)
        {
            await server.DisposeAsync();
        }

        _stop.Dispose();
    }

    private string Answer(HttpRequestHead request)
    {
        switch (request.Path)
        {
            case "/control/start":
                _changing = Task.Run(ChangeAsync);
                break;
            case "/control/calm":
                _plan.Calm();
                break;
        }

        return State();
    }

    private async Task ChangeAsync()
    {
        long start = TimeProvider.System.GetTimestamp();
        long compacted = _clock.GetTimestamp();
        try
        {
            while (_changes.Count < _options.Changes)
            {
                double due = Math.Min(_options.Changes, TimeProvider.System.GetElapsedTime(start).TotalSeconds * _options.Rate);
                while (_changes.Count < due)
                {
                    _changes.Next();
                }

                if (_clock.GetElapsedTime(compacted) > CompactionInterval)
                {
                    _store.Compact();
                    compacted = _clock.GetTimestamp();
                }

                Volatile.Write(ref _changed, _changes.Count);
                await Task.Delay(Tick, TimeProvider.System, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private string State()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("changed", Volatile.Read(ref _changed));
            json.WriteNumber("lists", _servers.Sum(server => server.Counts.Lists));
            json.WriteNumber("watches", _servers.Sum(server => server.Counts.Watches));
            json.WriteNumber("streams", _servers.Sum(server => server.Counts.Streams));
            json.WriteNumber("expired", _servers.Sum(server => server.Counts.Expired));
            json.WriteNumber("sent", _servers.Sum(server => server.Counts.Events));
            json.WriteNumber("open", _servers.Sum(server => server.OpenWatches));
            foreach (FaultKind kind in Enum.GetValues<FaultKind>())
            {
                json.WriteNumber(
                    string.Create(CultureInfo.InvariantCulture, $"fault.{kind}"), _servers.Sum(server => server.Counts.Faults.GetValueOrDefault(kind)));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
