using Microsoft.AspNetCore.Http;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>One open watch.</summary>
internal sealed class WatchSession
{
    private readonly HttpContext _context;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatchSession(RecordedRequest request, HttpContext context)
    {
        Request = request;
        _context = context;
        context.RequestAborted.Register(() => _ended.TrySetResult());
    }

    public RecordedRequest Request { get; }

    /// <summary>Completes when either side has ended the watch.</summary>
    public Task Ended => _ended.Task;

    public Task SendAsync(string type, string entity) => SendLineAsync($$"""{"type":"{{type}}","object":{{entity}}}""" + "\n");

    public Task ErrorAsync(int code, string reason, string message) => SendAsync("ERROR", ScriptedAnswer.StatusBody(code, reason, message));

    public async Task SendLineAsync(string text)
    {
        await _context.Response.WriteAsync(text);
        await _context.Response.Body.FlushAsync();
    }

    /// <summary>The server's timeout: an orderly end.</summary>
    public void Complete() => _ended.TrySetResult();

    /// <summary>A broken connection.</summary>
    public void Break()
    {
        _context.Abort();
        _ended.TrySetResult();
    }
}
