using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GpuStack.Benchmarks.Ingest.Informers;

/// <summary>
/// The API server of the benchmark, in a process of its own so that neither its time nor its memory count: lists and watches of nodes and
/// pods over plain HTTP/1.1, written from templates. <c>/events?count=N&amp;rate=R</c> changes objects, R a second or as fast as they are
/// taken (0); four of five are pods.
/// </summary>
internal sealed class IngestServer
{
    private const int BatchBytes = 64 * 1024;

    private readonly bool _streaming;
    private readonly int _nodes;
    private readonly Dictionary<string, (ObjectTemplate Template, int Count)> _kinds;
    private readonly ConcurrentDictionary<string, NetworkStream> _watches = new(StringComparer.Ordinal);
    private int _version = 1;

    private IngestServer(int nodes, int pods, bool streaming)
    {
        _nodes = nodes;
        _streaming = streaming;
        _kinds = new(StringComparer.Ordinal)
        {
            ["nodes"] = (ClusterObjects.Node(), nodes),
            ["pods"] = (ClusterObjects.Pod(nodes), pods),
        };
    }

    /// <summary>Serves until its input ends; the port is the first line of its output.</summary>
    public static async Task RunAsync(BenchmarkArguments arguments)
    {
        var server = new IngestServer(arguments.Integer("nodes", 10_000), arguments.Integer("pods", 50_000), arguments.Integer("streaming", 0) != 0);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port);
        Task<int> ended = Task.Run(Console.In.Read);
        while (true)
        {
            Task<TcpClient> accepted = listener.AcceptTcpClientAsync();
            if (await Task.WhenAny(accepted, ended) == ended)
            {
                return;
            }

            _ = server.ServeAsync(await accepted);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient connection = client;
        connection.NoDelay = true;
        NetworkStream stream = connection.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        try
        {
            while (await reader.ReadLineAsync() is { Length: > 0 } first)
            {
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                    // Headers say nothing that matters here.
                }

                await AnswerAsync(stream, new Uri("http://server" + first.Split(' ')[1]));
            }
        }
        catch (IOException)
        {
            // The client went away.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, Uri request)
    {
        string resource = request.Segments[^1];
        if (resource == "events")
        {
            Dictionary<string, int> query = request.Query.TrimStart('?').Split('&').Select(part => part.Split('='))
                .ToDictionary(part => part[0], part => int.Parse(part[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
            await ChangeAsync(query["count"], query["rate"]);
            await SendAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
        else if (!request.Query.Contains("watch=true", StringComparison.Ordinal))
        {
            await ListAsync(stream, resource);
        }
        else if (!request.Query.Contains("sendInitialEvents=true", StringComparison.Ordinal))
        {
            await OpenAsync(stream);
            _watches[resource] = stream;
        }
        else if (_streaming)
        {
            await StreamAsync(stream, resource);
            _watches[resource] = stream;
        }
        else
        {
            const string Refusal = """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled","reason":"Invalid","code":422}""";
            await SendAsync(stream, $"HTTP/1.1 422 Unprocessable Entity\r\nContent-Type: application/json\r\nContent-Length: {Refusal.Length}\r\n\r\n{Refusal}");
        }
    }

    private static ValueTask SendAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    private static ValueTask OpenAsync(NetworkStream stream) =>
        SendAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");

    private async Task ListAsync(NetworkStream stream, string resource)
    {
        (ObjectTemplate template, int count) = _kinds[resource];
        string kind = resource == "pods" ? "Pod" : "Node";
        string head = $$"""{"kind":"{{kind}}List","apiVersion":"v1","metadata":{"resourceVersion":"10000001"},"items":[""";
        await SendAsync(
            stream,
            string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {head.Length + (long)count * (template.Length + 1) - 1 + 2}\r\n\r\n{head}"));
        byte[] batch = new byte[BatchBytes + template.Length + 1];
        int filled = 0;
        for (int i = 0; i < count; i++)
        {
            template.Write(batch.AsSpan(filled), i, 1);
            filled += template.Length;
            batch[filled++] = i == count - 1 ? (byte)']' : (byte)',';
            if (filled >= BatchBytes || i == count - 1)
            {
                await stream.WriteAsync(batch.AsMemory(0, filled));
                filled = 0;
            }
        }

        await SendAsync(stream, "}");
    }

    private async Task StreamAsync(NetworkStream stream, string resource)
    {
        await OpenAsync(stream);
        int count = _kinds[resource].Count;
        var events = new EventBatch(_kinds[resource].Template);
        for (int i = 0; i < count; i++)
        {
            events.Add("ADDED", i, 1);
            if (events.Filled >= BatchBytes || i == count - 1)
            {
                await events.SendAsync(stream);
            }
        }

        string kind = resource == "pods" ? "Pod" : "Node";
        string end = $$$$$"""{"type":"BOOKMARK","object":{"kind":"{{{{{kind}}}}}","apiVersion":"v1","metadata":{"resourceVersion":"10000001","creationTimestamp":null,"annotations":{"k8s.io/initial-events-end":"true"}}}}""" + "\n";
        await SendAsync(stream, $"{end.Length:x}\r\n{end}\r\n");
    }

    private async Task ChangeAsync(int count, int rate)
    {
        TimeProvider clock = TimeProvider.System;
        var pods = new EventBatch(_kinds["pods"].Template);
        var nodes = new EventBatch(_kinds["nodes"].Template);
        long started = clock.GetTimestamp();
        int version = ++_version;
        int sent = 0;
        while (sent < count)
        {
            if (rate > 0 && sent > clock.GetElapsedTime(started).TotalSeconds * rate)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), clock);
                continue;
            }

            for (int i = 0; i < 5 && sent < count; i++, sent++)
            {
                if (i < 4)
                {
                    pods.Add("MODIFIED", sent % _kinds["pods"].Count, version + sent / _kinds["pods"].Count);
                }
                else
                {
                    nodes.Add("MODIFIED", sent % _nodes, version + sent / _nodes);
                }
            }

            bool flush = rate > 0 || sent == count;
            if (flush || pods.Filled >= BatchBytes)
            {
                await pods.SendAsync(_watches["pods"]);
            }

            if (flush || nodes.Filled >= BatchBytes)
            {
                await nodes.SendAsync(_watches["nodes"]);
            }
        }

        _version += count;
    }

    /// <summary>Events of one resource, each a chunk and a line.</summary>
    private sealed class EventBatch(ObjectTemplate template)
    {
        private byte[] _bytes = new byte[2 * BatchBytes];

        public int Filled { get; private set; }

        public void Add(string type, int index, int version)
        {
            string head = $$"""{"type":"{{type}}","object":""";
            int length = head.Length + template.Length + 2;
            if (_bytes.Length < Filled + length + 64)
            {
                Array.Resize(ref _bytes, 2 * _bytes.Length);
            }

            Text($"{length:x}\r\n{head}");
            template.Write(_bytes.AsSpan(Filled), index, version);
            Filled += template.Length;
            Text("}\n\r\n");
        }

        public async ValueTask SendAsync(NetworkStream stream)
        {
            await stream.WriteAsync(_bytes.AsMemory(0, Filled));
            Filled = 0;
        }

        private void Text(string text) => Filled += Encoding.ASCII.GetBytes(text, _bytes.AsSpan(Filled));
    }
}
