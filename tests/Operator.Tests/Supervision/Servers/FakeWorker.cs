using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Operator.Tests.Supervision.Servers;

/// <summary>
/// A worker: its RPC port, which answers each request by <see cref="Answer"/>, and its supervisor's status, both on one address. As the real
/// one it serves one client at a time.
/// </summary>
internal sealed class FakeWorker : IAsyncDisposable
{
    private readonly TcpListener _rpc;
    private readonly CancellationTokenSource _end = new();
    private LocalHttp? _http;
    private Task _serving = Task.CompletedTask;

    private FakeWorker(IPAddress address)
    {
        Address = address;
        _rpc = new TcpListener(address, 0);
    }

    public IPAddress Address { get; }

    public int StatusPort => _http!.Port;

    /// <summary>The reply to a command, header and all; an empty one closes the connection, null never answers.</summary>
    public Func<byte, uint, byte[]?> Answer { get; set; } = Right(free: 8L << 30);

    /// <summary>What /status says; null answers 500.</summary>
    public Func<string?> Status { get; set; } = () => null;

    /// <summary>The commands that came, of all connections.</summary>
    public ConcurrentQueue<byte> Commands { get; } = [];

    public int Connections;

    private int RpcPort => ((IPEndPoint)_rpc.LocalEndpoint).Port;

    /// <summary>As --worker takes it.</summary>
    public string Endpoint => $"{Address}:{RpcPort}";

    /// <summary>Each on an address of its own, since the workers of a leader have one status port in common.</summary>
    public static async Task<FakeWorker> StartAsync(string address = "127.0.0.1", int statusPort = 0)
    {
        var worker = new FakeWorker(IPAddress.Parse(address));
        worker._rpc.Start();
        worker.Status = worker.Running("2026-01-02T03:04:05.000001Z");
        worker._http = await LocalHttp.StartAsync(worker.Address, statusPort, worker.StatusAsync);
        worker._serving = worker.ServeAsync();
        return worker;
    }

    public static Func<byte, uint, byte[]?> Right(long free, byte major = 8, byte minor = 0) => (command, device) => command switch
    {
        0x0e => [28, 0, 0, 0, 0, 0, 0, 0, major, minor, 0, .. new byte[25]],
        0x0f => [4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        0x0b => [16, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(free), .. BitConverter.GetBytes(16L << 30)],
        _ => [],
    };

    public Func<string> Running(string startTime) => () =>
        $$$"""{"engine":{"running":true,"pid":7,"startTime":"{{{startTime}}}","restarts":0},"listening":[{{{RpcPort}}}],"state":"Running","later":{"x":[1]}}""";

    public static string Down() => """{"engine":{"running":false,"restarts":1},"listening":[],"state":"BackingOff","message":"the engine exited with 1; again in 1 s"}""";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _rpc.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _http!.DisposeAsync();
        _end.Dispose();
    }

    private async Task StatusAsync(HttpContext context)
    {
        if (context.Request.Path == "/status" && Status() is { } text)
            await context.Response.WriteAsync(text);
        else
            context.Response.StatusCode = 500;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _rpc.AcceptTcpClientAsync(_end.Token);
            Interlocked.Increment(ref Connections);
            try
            {
                await ServeAsync(client.GetStream());
            }
            catch (Exception exception) when (exception is IOException && !_end.IsCancellationRequested)
            {
                // The client left.
            }
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        var header = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(header, _end.Token);
            var payload = new byte[header[1]];
            await stream.ReadExactlyAsync(payload, _end.Token);
            Commands.Enqueue(header[0]);
            var answer = Answer(header[0], payload.Length == 4 ? BitConverter.ToUInt32(payload) : 0);
            if (answer is null)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _end.Token);
            if (answer is { Length: 0 })
                return;
            await stream.WriteAsync(answer, _end.Token);
        }
    }
}
