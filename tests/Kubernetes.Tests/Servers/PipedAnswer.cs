using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>Answers every request with one body, which the test writes as it likes.</summary>
internal sealed class PipedAnswer : HttpMessageHandler, IAsyncDisposable
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
    private Task _written = Task.CompletedTask;

    /// <summary>Writes without waiting for the reader.</summary>
    public Task WriteAsync(string text)
    {
        _pipe.Writer.Write(Encoding.UTF8.GetBytes(text));
        _written = _pipe.Writer.FlushAsync().AsTask();
        return Task.CompletedTask;
    }

    /// <summary>Completes when the reader has taken everything.</summary>
    public Task ReadToTheEndAsync() => _written.WaitAsync(TimeSpan.FromSeconds(30));

    public ValueTask CompleteAsync() => _pipe.Writer.CompleteAsync();

    public ValueTask DisposeAsync() => CompleteAsync();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(_pipe.Reader.AsStream()) });
}
