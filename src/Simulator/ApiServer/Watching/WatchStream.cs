using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Watching;

/// <summary>The answer of a watch: one JSON object a line.</summary>
internal sealed class WatchStream
{
    private const int FlushAt = 64 * 1024;

    private readonly ApiRequest _request;
    private readonly Form _form;
    private readonly TimeProvider _time;
    private readonly PipeWriter _writer;
    private bool _columnsSent;
    private int _unflushed;

    public WatchStream(ApiRequest request, Form form, TimeProvider time)
    {
        _request = request;
        _form = form;
        _time = time;
        _writer = request.Http.Response.BodyWriter;
        request.Http.Response.ContentType = Answer.Json;
    }

    /// <summary>The newest version that this watch has seen.</summary>
    public long LastSeen { get; private set; }

    public void Saw(long version) => LastSeen = Math.Max(LastSeen, version);

    public void Send(string type, StoredObject item)
    {
        Saw(item.ResourceVersion);
        switch (_form)
        {
            case Form.Full:
                Line(type, ServedObject.Utf8(_request.Resource, item));
                break;
            case Form.Metadata:
                Line(type, ObjectView.PartialMetadata(item));
                break;
            default:
                var metadata = new JsonObject { ["resourceVersion"] = $"{item.ResourceVersion}" };
                Line(type, ObjectView.Table(_request.Resource, [item], metadata, _request.Query("includeObject"), !_columnsSent, _time.GetUtcNow()));
                _columnsSent = true;
                break;
        }
    }

    public void Bookmark(long version, JsonObject? annotations)
    {
        Saw(version);
        var metadata = new JsonObject { ["resourceVersion"] = $"{LastSeen}" };
        if (annotations is not null)
            metadata["annotations"] = annotations;
        var resource = _request.Resource;
        Line("BOOKMARK", _form switch
        {
            Form.Metadata => new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata },
            Form.Table => ObjectView.Table(resource, [], metadata, null, !_columnsSent, _time.GetUtcNow()),
            _ => new JsonObject { ["kind"] = resource.Kind, ["apiVersion"] = resource.GroupVersion, ["metadata"] = metadata },
        });
    }

    public void Error(ApiException refusal) => Line("ERROR", refusal.ToStatus());

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Flushes once enough has gathered: a slow client holds back the watch, not memory.</summary>
    public ValueTask FlushLargeAsync(CancellationToken cancellationToken) =>
        _unflushed < FlushAt ? ValueTask.CompletedTask : FlushAsync(cancellationToken);

    private void Line(string type, JsonObject body) => Line(type, JsonText.ToUtf8(body));

    private void Line(string type, ReadOnlySpan<byte> body)
    {
        _writer.Write(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
        _writer.Write(body);
        _writer.Write("}\n"u8);
        _unflushed += body.Length;
    }
}
