using System.Net.Http.Headers;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>A request as it can be sent more than once.</summary>
internal sealed class ApiRequest(HttpMethod method, string path)
{
    public HttpMethod Method => method;

    /// <summary>With its query; relative to the server's address.</summary>
    public string Path => path;

    public byte[]? Body { get; init; }

    public MediaTypeHeaderValue? BodyType { get; init; }

    /// <summary>A stream without an end, which is opened anew by whoever reads it, never here.</summary>
    public bool IsWatch { get; init; }

    /// <summary>That there is no such object is an answer, not a failure: a 404 is handed on as it is, without an exception's cost.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>When nobody waits for the answer any more; null: never.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(method, path);
        if (Body is not null) message.Content = new ByteArrayContent(Body) { Headers = { ContentType = BodyType } };
        return message;
    }

    public override string ToString() => $"{method} {path}";
}
